package genkan

import (
	"net/http"
	"testing"

	"github.com/genkan-http/genkan/http1"
)

// TestSwitchedWithoutHijackEnds: after 101 both sides have agreed on another
// protocol (RFC 9110 15.2.2), whose bytes are no requests. A handler that did
// not take the connection leaves nobody who could read them.
func TestSwitchedWithoutHijackEnds(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/switch" {
				t.Errorf("%s was served: it came after 101, so it is no HTTP", r.URL.Path)
			}
			w.Header()["Date"] = nil
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "x")
			w.WriteHeader(http.StatusSwitchingProtocols)
		})
		v := h.visit()
		v.say("GET /switch" + upgrade + "GET /hidden" + get + "\r\n")
		if got := v.hear(-1); got != switching {
			t.Errorf("got %q, want the 101, and the end of the connection", got)
		}
		v.Close()
		h.wantClosed(http1.AnswerUntilClose, "there is nothing to be read that would be ours")
	})
}
