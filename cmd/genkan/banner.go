package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// banner says what is served, where one can click to see it, and how to stop.
func banner(dir string, places []place, own []string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Serving %s\n\n", printable(dir))
	for _, link := range links(places, own) {
		fmt.Fprintf(&text, "  %s\n", link)
	}
	who := "Only this machine can connect; --listen :8080 lets others in."
	if slices.ContainsFunc(places, place.inherited) {
		who = "Only this machine can connect."
	}
	if slices.ContainsFunc(places, func(p place) bool { return !p.local() }) {
		who = "Whoever can reach this machine can read this folder."
	}
	fmt.Fprintf(&text, "\n%s Ctrl-C stops.\n", who)
	return text.String()
}

// local says whether only this machine's programs can connect.
func (p place) local() bool {
	return p.addr.Family == socket.UNIX || p.addr.IP.Addr().Unmap().IsLoopback()
}

// links are the addresses as one can click or type them, each once.
func links(places []place, own []string) []string {
	var all []string
	add := func(link string) {
		if !slices.Contains(all, link) {
			all = append(all, link)
		}
	}
	for _, p := range places {
		switch {
		case p.addr.Abstract():
			add("curl --abstract-unix-socket " + quoteForShell(p.addr.Path[1:]) + " http://localhost/")
		case p.addr.Family == socket.UNIX:
			add("curl --unix-socket " + quoteForShell(p.addr.Path) + " http://localhost/")
		case p.addr.IP.Addr().IsUnspecified():
			add(link("localhost", p.addr.IP.Port()))
			for _, address := range reachable(p, own) {
				add(link(address.String(), p.addr.IP.Port()))
			}
		case p.local() && pairedLoopback(places, p):
			add(link("localhost", p.addr.IP.Port()))
		default:
			add(link(p.addr.IP.Addr().Unmap().String(), p.addr.IP.Port()))
		}
	}
	return all
}

func link(host string, port uint16) string {
	if port == 80 {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host + "/"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(port)) + "/"
}

// pairedLoopback says whether the name localhost leads here whichever family a
// client takes it for: both loopback addresses are open at this port.
func pairedLoopback(places []place, p place) bool {
	for _, ip := range []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()} {
		if !slices.ContainsFunc(places, func(other place) bool {
			return other.addr.IP == netip.AddrPortFrom(ip, p.addr.IP.Port())
		}) {
			return false
		}
	}
	return true
}

// reachable are this machine's addresses by which others reach a place that
// takes all of them: those of its family, IPv4 alone where it takes both.
func reachable(p place, own []string) []netip.Addr {
	wantV4 := p.addr.Family == socket.INET || p.endpoint.DualStack
	var addresses []netip.Addr
	for _, text := range own {
		ip, err := netip.ParseAddr(text)
		if err == nil && !ip.IsLoopback() && ip.Is4() == wantV4 {
			addresses = append(addresses, ip)
		}
	}
	return addresses
}

// quoteForShell is a word as a shell reads it back, if it needs quotes.
func quoteForShell(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@%=:", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(printable(word), "'", `'\''`) + "'"
}
