package proxyproto

import (
	"net/netip"
	"strconv"
)

// Header is what a proxy says of a connection.
type Header struct {
	// Version is that of the protocol: 1 or 2.
	Version int

	// Family is the kind of both addresses. None: the proxy speaks for itself,
	// as in a health check, or does not know its client; the connection's own
	// addresses are the true ones.
	Family Family

	// Source is where the client is; Destination is where the client wanted to
	// go, which is an address of the proxy.
	Source, Destination Addr
}

// Family is the kind of an address.
type Family uint8

// The families. The zero Family is none.
const (
	None  Family = iota
	INET         // IPv4
	INET6        // IPv6; the address may be an IPv4 one mapped into IPv6
	UNIX         // a socket of the proxy's own machine
)

// Addr is an address of the header's family.
type Addr struct {
	IP   netip.AddrPort // INET, INET6
	Path string         // UNIX: a path, "@name" for an abstract name, "" for none
}

// String is the header as version 1 would write it, without its line end:
// "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443". What version 1 cannot say is
// written in the same manner: "PROXY UNIX /run/a.sock @b".
func (h Header) String() string {
	switch h.Family {
	case INET, INET6:
		name := "TCP4"
		if h.Family == INET6 {
			name = "TCP6"
		}
		port := func(a Addr) string { return strconv.Itoa(int(a.IP.Port())) }
		return "PROXY " + name + " " + h.Source.IP.Addr().String() + " " + h.Destination.IP.Addr().String() +
			" " + port(h.Source) + " " + port(h.Destination)
	case UNIX:
		return "PROXY UNIX " + name(h.Source.Path) + " " + name(h.Destination.Path)
	}
	return "PROXY UNKNOWN"
}

// name shows a path so that a space or a line end in it deceives nobody.
func name(path string) string {
	for i := 0; i < len(path); i++ {
		if path[i] <= ' ' || path[i] >= 0x7f || path[i] == '"' {
			return strconv.Quote(path)
		}
	}
	if path == "" {
		return `""`
	}
	return path
}
