package record_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/watch"
	"github.com/genkan-http/genkan/watch/record"
)

// Of a connection that carried many, an exchange knows the nearest.
func TestSiblingsAreBounded(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {}, record.Options{Exchanges: 300})
	const all = 350
	h.talk(strings.Repeat("GET / HTTP/1.1\r\nHost: h\r\n\r\n", all-1) + "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	h.settled(300)
	for _, test := range []struct {
		id          uint64
		first, last uint64
		earlier     int
		later       int
	}{
		{200, 160, 240, 109, 110}, {51, 51, 91, 0, 259}, {60, 51, 100, 0, 250}, {350, 310, 350, 259, 0}, {349, 309, 350, 258, 0},
	} {
		d := h.detail(test.id, false)
		first, last := d.Siblings[0].ID, d.Siblings[len(d.Siblings)-1].ID
		if first != test.first || last != test.last || len(d.Siblings) != int(last-first)+1 || d.Earlier != test.earlier || d.Later != test.later {
			t.Errorf("exchange %d has %d siblings, %d to %d, %d earlier, %d later: want %+v", test.id, len(d.Siblings), first, last, d.Earlier, d.Later, test)
		}
	}
}

// Of what comes back, what follows an answer is read as another one.
func TestHiddenIn(t *testing.T) {
	for _, test := range []struct{ sent, received, want string }{
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nContent-Length: 14\r\n\r\nSet-Cookie: bbHTTP/1.1 200 OK\r\nSet-Cookie: cc\r\n\r\n", "a cc"},
		{"HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: cc\r\n\r\n", "cc"},
		{"nonsense", "Set-Cookie: a\nX: y\nX-Api-Key: b", "a b"},
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 101 S\r\nSet-Cookie: a\r\n\r\nSet-Cookie: b\r\n", "a"},
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Token: t", "t"},
		{"GET / HTTP/1.1\r\n\r\n", "", ""},
	} {
		var found []string
		for _, h := range record.HiddenIn([]byte(test.sent), []byte(test.received), watch.Secret) {
			found = append(found, test.received[h[0]:h[1]])
		}
		if got := strings.Join(found, " "); got != test.want {
			t.Errorf("%q: %q is hidden, want %q", test.received, got, test.want)
		}
	}
}
