package socket_test

import (
	"strings"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

func TestParseEndpoint(t *testing.T) {
	all4, all6 := tcp("0.0.0.0:8080"), tcp("[::]:8080")
	for _, c := range []struct {
		in   string
		want socket.Endpoint
		text string // what String says, if not in
	}{
		{":8080", socket.Endpoint{Addr: all6, DualStack: true, Inherited: -1}, ""},
		{"[::]:8080", socket.Endpoint{Addr: all6, DualStack: true, Inherited: -1}, ":8080"},
		{"tcp://:8080", socket.Endpoint{Addr: all6, DualStack: true, Inherited: -1}, ":8080"},
		{"0.0.0.0:8080", socket.Endpoint{Addr: all4, Inherited: -1}, ""},
		{"tcp4://:8080", socket.Endpoint{Addr: all4, Inherited: -1}, "0.0.0.0:8080"},
		{"tcp6://:8080", socket.Endpoint{Addr: all6, Inherited: -1}, "tcp6://[::]:8080"},
		{"tcp6://[::]:8080", socket.Endpoint{Addr: all6, Inherited: -1}, ""},
		{"127.0.0.1:80", socket.Endpoint{Addr: tcp("127.0.0.1:80"), Inherited: -1}, ""},
		{"127.0.0.1:http", socket.Endpoint{Addr: tcp("127.0.0.1:80"), Inherited: -1}, "127.0.0.1:80"},
		{"[::1]:0", socket.Endpoint{Addr: tcp("[::1]:0"), Inherited: -1}, ""},
		{"[fe80::1%eth0]:80", socket.Endpoint{Addr: tcp("[fe80::1%eth0]:80"), Inherited: -1}, ""},
		{"[::ffff:127.0.0.1]:80", socket.Endpoint{Addr: tcp("127.0.0.1:80"), Inherited: -1}, "127.0.0.1:80"},
		{"localhost:0", socket.Endpoint{Addr: tcp("127.0.0.1:0"), Inherited: -1}, "127.0.0.1:0"},
		{"tcp6://localhost:0", socket.Endpoint{Addr: tcp("[::1]:0"), Inherited: -1}, "[::1]:0"},
		{"unix:///run/x.sock?mode=0660", socket.Endpoint{Addr: socket.Unix("/run/x.sock"), Mode: 0o660, Inherited: -1}, ""},
		{"unix:x.sock", socket.Endpoint{Addr: socket.Unix("x.sock"), Inherited: -1}, ""},
		{"unix:/run/x.sock", socket.Endpoint{Addr: socket.Unix("/run/x.sock"), Inherited: -1}, "unix:///run/x.sock"},
		{"unix://@name", socket.Endpoint{Addr: socket.Unix("@name"), Inherited: -1}, ""},
		{"fd://3", socket.Endpoint{Inherited: 3}, ""},
	} {
		got, err := socket.ParseEndpoint(c.in)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v; want %+v", c.in, got, err, c.want)
			continue
		}
		text := c.text
		if text == "" {
			text = c.in
		}
		if got.String() != text {
			t.Errorf("%q: String is %q, want %q", c.in, got.String(), text)
		}
		if again, err := socket.ParseEndpoint(got.String()); err != nil || again != got {
			t.Errorf("%q: its String %q reads as %+v, %v", c.in, got.String(), again, err)
		}
	}
}

func TestParseEndpointErrors(t *testing.T) {
	for in, words := range map[string]string{
		"":                                    "there is no address",
		"8080":                                `there is no port after "8080"`,
		"127.0.0.1":                           "there is no port",
		"[::1]":                               "there is no port",
		"::1:80":                              "stands in brackets",
		"[::1:80":                             "brackets",
		"[127.0.0.1]:80":                      "brackets go round an IPv6 address",
		"127.0.0.1:":                          `port "" is not a number`,
		":65536":                              `port "65536" is not a number from 0 to 65535`,
		":-1":                                 "not a number",
		"example.com:80":                      "names other than localhost are not looked up",
		"http://127.0.0.1:80":                 "URL's scheme",
		"quic://:80":                          `unknown scheme "quic"`,
		"tcp4://[::1]:80":                     "tcp4 wants an IPv4 address",
		"tcp6://127.0.0.1:80":                 "tcp6 wants an IPv6 address",
		"unix://":                             "there is no path",
		"unix://@":                            "there is no path",
		"unix:///x?mode=0999":                 "not an octal number",
		"unix:///x?mode=0":                    "not an octal number",
		"unix:///x?user=me":                   "only mode= is known",
		"unix://@x?mode=0600":                 "no file and has no mode",
		"unix:///a\x00b":                      "NUL",
		"fd://three":                          "not the number of a descriptor",
		"fd://-1":                             "not the number of a descriptor",
		"unix:///" + strings.Repeat("x", 200): "the kernel takes 10",
	} {
		_, err := socket.ParseEndpoint(in)
		switch {
		case err == nil:
			t.Errorf("%q was accepted", in)
		case !strings.Contains(err.Error(), words):
			t.Errorf("%q: %v; want %q in it", in, err, words)
		case !strings.Contains(err.Error(), "; for example "):
			t.Errorf("%q: %v; an example is missing", in, err)
		}
	}
}

func TestAddrString(t *testing.T) {
	for want, a := range map[string]socket.Addr{
		"(none)":            {},
		"127.0.0.1:1235":    tcp("127.0.0.1:1235"),
		"[::1]:80":          tcp("[::1]:80"),
		"[fe80::1%eth0]:80": tcp("[fe80::1%eth0]:80"),
		"192.0.2.1:80":      tcp("[::ffff:192.0.2.1]:80"),
		"0.0.0.0:0":         {Family: socket.INET},
		"[::]:0":            {Family: socket.INET6},
		"unix:/run/x.sock":  socket.Unix("/run/x.sock"),
		"unix:@name":        socket.Unix("@name"),
		"unix:":             socket.Unix(""),
	} {
		if got := a.String(); got != want {
			t.Errorf("%#v: %q, want %q", a, got, want)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, s := range []string{":80", "[::1]:80", "unix:///x?mode=0660", "fd://3", "tcp6://[::]:0", "localhost:1", "unix://://", "unix:a://b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := socket.ParseEndpoint(s)
		if err != nil {
			return
		}
		if again, err := socket.ParseEndpoint(e.String()); err != nil || again != e {
			t.Errorf("%q is %+v, written %q, read again %+v, %v", s, e, e.String(), again, err)
		}
	})
}
