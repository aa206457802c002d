package genkan

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
)

// phases are the moments in which a client may leave, with what it has sent and
// heard by then, and what it finds if it only ends its sending.
var phases = []struct {
	name, send, hears string

	// reset are the reasons that the end may have when the client resets the
	// connection; a UNIX socket knows no reset, and an end may be seen first.
	reset []http1.CloseReason

	// answer is what a client that ends its sending still gets, from its first
	// byte on, and ended why the connection ends then.
	answer string
	ended  []http1.CloseReason
}{
	{"before any byte", "", "",
		reasons(http1.PeerReset, http1.PeerClosed), "", reasons(http1.PeerClosed)},
	{"in the request line", "GET / HT", "",
		reasons(http1.PeerReset, http1.Refused), "HTTP/1.1 400 Bad Request\r\n", reasons(http1.Refused)},
	{"in a field", "GET /hello HTTP/1.1\r\nHo", "",
		reasons(http1.PeerReset, http1.Refused), "HTTP/1.1 400 Bad Request\r\n", reasons(http1.Refused)},
	{"with a body due", "POST /swallow" + get + "Content-Length: 100\r\n\r\n", "",
		reasons(http1.PeerReset, http1.PeerClosed), "0 unexpected EOF", reasons(http1.PeerClosed)},
	{"in a body", "POST /swallow" + get + "Content-Length: 100\r\n\r\nabc", "",
		reasons(http1.PeerReset, http1.PeerClosed), "3 unexpected EOF", reasons(http1.PeerClosed)},
	{"in a chunk's size", "POST /swallow" + get + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5", "",
		reasons(http1.PeerReset, http1.PeerClosed), "3 unexpected EOF", reasons(http1.PeerClosed)},
	{"in a chunk", "POST /swallow" + get + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "",
		reasons(http1.PeerReset, http1.PeerClosed), "3 unexpected EOF", reasons(http1.PeerClosed)},
	{"in a body that is not read", "POST /ignore" + get + "Content-Length: 100\r\n\r\nabc", "",
		reasons(http1.PeerReset, http1.UnreadBody, http1.PeerClosed), "not read", reasons(http1.UnreadBody, http1.PeerClosed)},
	{"while a handler runs", "GET /untilgone" + get + "\r\n", "",
		reasons(http1.PeerReset, http1.PeerClosed, http1.PeerShutdown), "context canceled", reasons(http1.PeerClosed, http1.PeerShutdown)},
	{"in an answer", "GET /endless" + get + "\r\n", "HTTP/1.1 200 OK\r\n",
		reasons(http1.PeerReset), "\r\n0\r\n\r\n", reasons(http1.PeerClosed, http1.PeerShutdown)},
	{"between two requests", "GET /hello" + get + "\r\n", hello,
		reasons(http1.PeerReset, http1.PeerClosed), "", reasons(http1.PeerClosed)},
	{"after a refusal", "GET /" + "\r\n\r\n" + strings.Repeat("x", 1000), "HTTP/1.1 400",
		reasons(http1.Refused), "", reasons(http1.Refused)},
}

func reasons(all ...http1.CloseReason) []http1.CloseReason { return all }

// leavers is at, and two handlers that go on until the client has gone; the
// first says when it is inside.
func leavers(inside chan<- bool, w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/untilgone":
		inside <- true
		<-r.Context().Done()
		io.WriteString(w, r.Context().Err().Error())
	case "/endless":
		for piece := strings.Repeat("x", 10_000); r.Context().Err() == nil; {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	default:
		at(w, r)
	}
}

// TestLeftInEachPhase: a client that resets the connection, or ends its
// sending, at any moment ends it with the reason, still gets what it asked for
// where it can, and does no harm to the next. (That nothing is left, the hall
// sees to.)
func TestLeftInEachPhase(t *testing.T) {
	for _, p := range phases {
		t.Run(p.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				inside := make(chan bool)
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) { leavers(inside, w, r) })
				come := func() *visitor {
					v := h.visit()
					v.say(p.send)
					if got := v.hear(wireLength(p.hears)); got != p.hears {
						t.Errorf("heard %q, want %q", got, p.hears)
					}
					if strings.Contains(p.send, "/untilgone") {
						<-inside
					}
					return v
				}
				come().reset()
				h.wantOneOf(p.reset, "after a reset")

				v := come()
				v.halfClose()
				if got := v.hear(-1); !strings.Contains(got, p.answer) || (got == "") != (p.answer == "") && p.hears == "" {
					t.Errorf("a client that ended its sending got %.300q, want %q in it", got, p.answer)
				}
				v.Close()
				h.wantOneOf(p.ended, "after the end of sending")

				h.visit().wantHello()
			})
		})
	}
}

// wantOneOf fails unless the next connection that ends does so for one of
// these reasons.
func (h *hall) wantOneOf(known []http1.CloseReason, when string) {
	h.t.Helper()
	got := h.closed()
	if !slices.ContainsFunc(known, func(r http1.CloseReason) bool { return r.String() == got }) {
		h.t.Errorf("%s: closed because %q, want one of %v", when, got, known)
	}
}

// TestLeftInTheHandshake: the same within a TLS hello, of which the first part
// has come, and after all of it.
func TestLeftInTheHandshake(t *testing.T) {
	greeting := clientHello(t)
	for _, s := range []stage{stageTLS, stageTLSDirect} {
		if !slices.ContainsFunc(stages(), func(known stage) bool { return known.name == s.name }) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, at)
			for _, n := range []int{1, 5, len(greeting) / 2, len(greeting)} {
				for _, how := range []func(*visitor){(*visitor).reset, (*visitor).halfClose} {
					c, err := net.Dial("tcp", h.at())
					if err != nil {
						t.Fatal(err)
					}
					v := &visitor{t: t, Conn: c}
					v.say(greeting[:n])
					how(v)
					h.wantOneOf(reasons(http1.HandshakeFailed, http1.PeerReset, http1.PeerClosed), "in the handshake")
					c.Close()
				}
			}
			h.visit().wantHello()
		})
	}
}
