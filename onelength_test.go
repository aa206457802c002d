package genkan

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestOneLengthWhateverItsSpelling: two Content-Length lines are two ideas of
// where the answer ends, one for the proxy and one for the client behind it
// (RFC 9110 8.6, RFC 9112 11.1). A handler's map may hold the name twice.
func TestOneLengthWhateverItsSpelling(t *testing.T) {
	spellings := []map[string]string{
		{"Content-Length": "5", "content-length": "3"},
		{"Content-Length": "3", "content-length": "5"},
		{"CONTENT-LENGTH": "3", "Content-length": "4", "content-Length": "5"},
	}
	onEach(t, func(t *testing.T, s stage) {
		for _, fields := range spellings {
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				for name, value := range fields {
					w.Header()[name] = []string{value}
				}
				io.WriteString(w, "12345")
			})
			v := h.visit()
			v.say("GET /" + get + "Connection: close\r\n\r\n")
			got := v.hear(-1)
			if n := strings.Count(strings.ToLower(got), "content-length:"); n != 1 {
				t.Errorf("of %v %d were sent, want one: %q", fields, n, got)
			}
			if log := h.log.String(); !strings.Contains(log, "another spelling") {
				t.Errorf("of %v some were left out, and the log does not say so: %q", fields, log)
			}
		}
	})
}
