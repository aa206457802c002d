package genkan

import (
	"io"
	"strings"
	"testing"
)

// An answer to HTTP/1.0 without a length ends where the connection ends. If
// the handler breaks off, an orderly end would make half of it look whole, so
// the peer gets a reset (RFC 9112 8).
func TestBrokenAnswerUntilCloseEndsInAReset(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		if strings.Contains(s.name, "UNIX") {
			return // unix(7) knows no resets: there the end is all there is to see
		}
		h := serve(t, s, at)
		v := h.visit()
		v.say("GET /panicmidway HTTP/1.0\r\n\r\n")
		if body, err := io.ReadAll(v.in); err == nil {
			t.Errorf("read %q and an orderly end; want an error, for it is not whole", body)
		}
	})
}
