package genkan

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// TestFloods: a peer that sends more of something than anybody needs is
// refused, its connection ends, and the next client is served.
func TestFloods(t *testing.T) {
	fields := func(n int, name func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(name(i) + ": v\r\n")
		}
		return b.String()
	}
	chunked := "POST /swallow" + get + "Transfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		name, send string
		status     int
		rule       string
	}{
		{"fields", "GET /" + get + fields(10_000, func(i int) string { return fmt.Sprint("X-", i) }), 431, "at most 100 fields"},
		{"the same field", "GET /" + get + fields(10_000, func(int) string { return "X-Same" }), 431, "at most 100 fields"},
		{"names of one spelling", "GET /" + get + fields(10_000, sameLetters), 431, "at most 100 fields"},
		{"one field line", "GET /" + get + "X: " + strings.Repeat("v", 1<<20), 431, "16 KiB a field line"},
		{"one name", "GET /" + get + strings.Repeat("n", 1<<20), 431, "16 KiB a field line"},
		{"request line", "GET /" + strings.Repeat("t", 1<<20), 414, "8 KiB a request line"},
		{"one chunk extension", chunked + "1;" + strings.Repeat("e", 1<<20), 400, "256 bytes a chunk"},
		{"many chunk extensions", chunked + strings.Repeat("1;"+strings.Repeat("e", 200)+"\r\nx\r\n", 5_000), 400, "4 KiB a body"},
		{"trailers", chunked + "0\r\n" + fields(10_000, func(i int) string { return fmt.Sprint("X-", i) }), 400, "32 fields of trailers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s stage) {
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					if _, err := io.Copy(io.Discard, r.Body); err != nil {
						w.WriteHeader(http.StatusBadRequest)
					}
				})
				v := h.visit()
				sent := make(chan bool)
				go func() { // what nobody takes any more is no failure
					v.SetWriteDeadline(time.Now().Add(patience))
					io.WriteString(v.Conn, c.send)
					close(sent)
				}()
				if answer, _ := v.answer("GET"); answer.StatusCode/100 != 4 || c.status != answer.StatusCode {
					t.Errorf("answered %d, want %d: %s (ARCHITECTURE.md, Limits)", answer.StatusCode, c.status, c.rule)
				}
				v.Close()
				<-sent
				h.closed()
				next := h.visit()
				next.say("GET /hello" + get + "\r\n")
				if answer, _ := next.answer("GET"); answer.StatusCode != 200 {
					t.Errorf("the next client got %d", answer.StatusCode)
				}
			})
		})
	}
}

// sameLetters are names that fall together where case and order are not looked
// at: a table that hashes by a sum of letters puts them all in one place.
func sameLetters(i int) string {
	name := []byte("abcdefghijklmnop")
	for bit := range name {
		if i>>bit&1 == 1 {
			name[bit] -= 'a' - 'A'
		}
	}
	at := i % len(name)
	return string(name[at:]) + string(name[:at])
}

// TestHelloDrip: a byte of a TLS hello each second is no progress: the
// handshake has its 10 s whatever comes meanwhile.
func TestHelloDrip(t *testing.T) {
	hello := clientHello(t)
	for _, below := range []stage{stageMemory, stageEager} {
		t.Run(below.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := overTLS(below.name, below)
				var dial func() (net.Conn, error)
				s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
					srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{identity().server}}
					l, d := below.raise(t, srv)
					dial = d
					return l, d
				}
				h := serve(t, s, at)
				began := time.Now()
				c, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				for i := range hello {
					if _, err := io.WriteString(c, hello[i:i+1]); err != nil || time.Since(began) > time.Minute {
						break
					}
					time.Sleep(time.Second)
				}
				ev := h.closing()
				if after := ev.Time.Sub(began); ev.Note != http1.HandshakeTimeout.String() || after < handshakeTimeout || after > handshakeTimeout+time.Millisecond {
					t.Errorf("closed after %v because %q, want %v, %q", after, ev.Note, handshakeTimeout, http1.HandshakeTimeout)
				}
			})
		})
	}
}
