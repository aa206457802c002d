package main

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// machine is an opener with refusals in it.
type machine struct {
	refuse map[string]error // by address, or by port ("8080")
	open   map[string]bool
}

type closing struct {
	net.Listener
	close func()
}

func (c closing) Close() error { c.close(); return nil }

func (m *machine) opener(endpoint socket.Endpoint) (net.Listener, socket.Addr, error) {
	address := endpoint.Addr.String()
	ip, port, _ := net.SplitHostPort(address)
	for _, key := range []string{address, ip, port} {
		if err := m.refuse[key]; err != nil {
			return nil, socket.Addr{}, &socket.Error{Call: "bind", Addr: endpoint.Addr, Errno: err}
		}
	}
	m.open[address] = true
	return closing{close: func() { delete(m.open, address) }}, endpoint.Addr, nil
}

func TestOpenDefault(t *testing.T) {
	taken, missing := refusalsTaken[0], refusalsNoFamily[0]
	for _, test := range []struct {
		why    string
		refuse map[string]error
		want   string // the open addresses
		note   string
		fails  string
	}{
		{"both families, one port", nil, "127.0.0.1:8080 [::1]:8080", "", ""},
		{"taken on IPv4", map[string]error{"127.0.0.1:8080": taken}, "127.0.0.1:8081 [::1]:8081", "using 8081", ""},
		{"taken on IPv6 alone: localhost would lead to two servers", map[string]error{"[::1]:8080": taken}, "127.0.0.1:8081 [::1]:8081", "using 8081", ""},
		{"taken, and the next", map[string]error{"[::1]:8080": taken, "127.0.0.1:8081": taken}, "127.0.0.1:8082 [::1]:8082", "using 8082", ""},
		{"no IPv6", map[string]error{"::1": missing}, "127.0.0.1:8080", "IPv4 only", ""},
		{"no IPv6, and taken", map[string]error{"::1": missing, "127.0.0.1:8080": taken}, "127.0.0.1:8081", "using 8081", ""},
		{"no IPv4", map[string]error{"127.0.0.1": missing}, "[::1]:8080", "IPv6 only", ""},
		{"no loopback at all", map[string]error{"127.0.0.1": missing, "::1": missing}, "", "", "bind"},
		{"all taken", map[string]error{"127.0.0.1": taken}, "", "", "all taken"},
		{"not allowed", map[string]error{"127.0.0.1": os.ErrPermission}, "", "", "permission denied"},
	} {
		t.Run(test.why, func(t *testing.T) {
			m := &machine{refuse: test.refuse, open: map[string]bool{}}
			places, note, err := openDefault(m.opener)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("err = %v, want one that says %q", err, test.fails)
				}
				if len(m.open) != 0 {
					t.Errorf("left open: %v", m.open)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range places {
				got = append(got, p.addr.String())
			}
			if strings.Join(got, " ") != test.want || len(m.open) != len(got) {
				t.Errorf("open: %v (%v), want %s", got, m.open, test.want)
			}
			if !strings.Contains(note, test.note) || (note == "") != (test.note == "") {
				t.Errorf("note %q, want one that says %q", note, test.note)
			}
		})
	}
}

func TestOpenWanted(t *testing.T) {
	m := &machine{open: map[string]bool{}, refuse: map[string]error{
		"[::1]:9000": refusalsTaken[0], ":80": refusalsDenied[0], "80": refusalsDenied[0], "192.0.2.7": refusalsNoFamily[0],
	}}
	for _, test := range []struct {
		why    string
		wanted []string
		code   int
		says   []string
	}{
		{"all or none", []string{"127.0.0.1:9000", "[::1]:9000"}, exitFailed, []string{"[::1]:9000", "Port 9000 is taken", "0 takes any"}},
		{"a port of the administrator's", []string{"127.0.0.1:80"}, exitFailed, []string{"127.0.0.1:80", "below 1024", "1024 up"}},
		{"an address of another machine", []string{"192.0.2.7:9000"}, exitFailed, []string{"does not have that address; it has 127.0.0.1"}},
		{"a mistyped address is a mistake in the command line", []string{"127.0.0.1:x"}, exitUsage, []string{"--listen", "127.0.0.1:x"}},
	} {
		places, err := openWanted(m.opener, test.wanted)
		if err == nil {
			t.Errorf("%s: opened %v", test.why, places)
			continue
		}
		for _, say := range test.says {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("%s: %q does not say %q", test.why, err, say)
			}
		}
		if code := exitCode(err, io.Discard); code != test.code {
			t.Errorf("%s: exit code %d, want %d", test.why, code, test.code)
		}
		if len(m.open) != 0 {
			t.Errorf("%s: left open: %v", test.why, m.open)
		}
	}
	if places, err := openWanted(m.opener, []string{"127.0.0.1:9001", "unix:///run/x.sock"}); err != nil || len(places) != 2 {
		t.Errorf("opened %v, %v", places, err)
	}
}

func TestBanner(t *testing.T) {
	at := func(text string) place {
		endpoint, err := socket.ParseEndpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		return place{endpoint: endpoint, addr: endpoint.Addr}
	}
	own := []string{"127.0.0.1", "192.0.2.7", "::1", "2001:db8::7"}
	const alone, all = "Only this machine", "Whoever can reach"
	for _, test := range []struct {
		why    string
		places []place
		links  string
		who    string
	}{
		{"both loopbacks are localhost", []place{at("127.0.0.1:8080"), at("[::1]:8080")}, "http://localhost:8080/", alone},
		{"one is not: localhost may mean the other", []place{at("127.0.0.1:8080")}, "http://127.0.0.1:8080/", alone},
		{"nor are two at two ports", []place{at("127.0.0.1:8080"), at("[::1]:8081")}, "http://127.0.0.1:8080/ http://[::1]:8081/", alone},
		{"everywhere", []place{at(":8080")}, "http://localhost:8080/ http://192.0.2.7:8080/", all},
		{"everywhere, IPv6 alone", []place{at("tcp6://:8080")}, "http://localhost:8080/ http://[2001:db8::7]:8080/", all},
		{"port 80 goes without saying", []place{at("192.0.2.7:80"), at("[2001:db8::7]:80")}, "http://192.0.2.7/ http://[2001:db8::7]/", all},
		{"a path", []place{at("unix:///run/my site.sock")}, "curl --unix-socket '/run/my site.sock' http://localhost/", alone},
		{"a name", []place{at("unix://@genkan")}, "curl --abstract-unix-socket genkan http://localhost/", alone},
		{"one of two is open to others", []place{at("127.0.0.1:80"), at("192.0.2.7:80")}, "http://127.0.0.1/ http://192.0.2.7/", all},
	} {
		if got := strings.Join(links(test.places, own), " "); got != test.links {
			t.Errorf("%s: links %s, want %s", test.why, got, test.links)
		}
		if text := banner("/srv", test.places, own); !strings.Contains(text, test.who) || !strings.Contains(text, "Ctrl-C stops") {
			t.Errorf("%s: banner %q does not say %q", test.why, text, test.who)
		}
	}
	if text := banner("/srv/\x1b[2J", []place{at("127.0.0.1:80")}, own); strings.Contains(text, "\x1b") {
		t.Errorf("a folder's name reached the terminal: %q", text)
	}
}

func TestHolder(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := netip.MustParseAddrPort(listener.Addr().String()).Port()
	if got := byHolder(port); got != "" && !strings.Contains(got, "process") {
		t.Errorf("byHolder = %q", got)
	}
}

func TestIsOneOf(t *testing.T) {
	if isOneOf(nil, refusalsTaken) || isOneOf(errors.New("other"), refusalsTaken) {
		t.Error("what is no such refusal was taken for one")
	}
}
