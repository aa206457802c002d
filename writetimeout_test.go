package genkan

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWriteTimeoutEndsWithItsAnswer: of an answer that has left, flushed by its
// handler, no deadline is left for what the connection is sent next.
func TestWriteTimeoutEndsWithItsAnswer(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "6")
			at(w, r)
			w.(http.Flusher).Flush()
		}, func(srv *Server) { srv.WriteTimeout = 3 * time.Second })
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		v.answer("GET")
		time.Sleep(time.Minute)
		v.say("nonsense\r\n\r\n")
		if _, words := v.end(); !strings.HasPrefix(words, "HTTP/1.1 400 ") {
			t.Errorf("a minute after an answer with 3 s, a refusal came as %q, want a 400", words)
		}
	})
}
