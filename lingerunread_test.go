package genkan

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A client that still sends its body when the answer comes reads the answer
// after it: a reset in between would take it away (RFC 9112 9.6).
func TestAnswerReachesAClientThatStillSends(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close")
			http.Error(w, "no", http.StatusHTTPVersionNotSupported)
		})
		for range 5 {
			v := h.visit()
			go func() {
				// Until the server is gone: only then does writing fail.
				io.WriteString(v.Conn, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n")
				io.Copy(v.Conn, strings.NewReader(strings.Repeat("x", 4_000_000)))
			}()
			if got := v.hear(len("HTTP/1.1 505")); got != "HTTP/1.1 505" {
				t.Errorf("heard %q, want the answer", got)
			}
			v.Close()
		}
	})
}
