package genkan

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A client that still sends its body when the answer comes reads the answer
// after it: a reset in between would take it away (RFC 9112 9.6).
func TestAnswerReachesAClientThatStillSends(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			http.Error(w, "no", http.StatusHTTPVersionNotSupported)
		})
		v := h.visit()
		var sent atomic.Int64
		ended := make(chan error, 1)
		go func() {
			_, err := io.WriteString(v.Conn, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 40000000\r\n\r\n")
			for piece := strings.Repeat("x", 10_000); err == nil; sent.Add(1) {
				_, err = io.WriteString(v.Conn, piece)
			}
			ended <- err
		}()
		// A client of this kind reads when it can write no more: now.
		last := int64(-1)
		until(t, "the client's sending stalls", func() bool {
			now := sent.Load()
			stalls := now == last && now > 0
			last = now
			time.Sleep(10 * time.Millisecond)
			return stalls
		})
		select {
		case err := <-ended:
			t.Errorf("sending ended with %v before the answer was read", err)
		default:
		}
		if got := v.hear(len("HTTP/1.1 505")); got != "HTTP/1.1 505" {
			t.Errorf("heard %q, want the answer", got)
		}
		v.Close()
	})
}
