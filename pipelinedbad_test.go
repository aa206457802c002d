package genkan

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/genkan-http/genkan/http1"
)

// TestOneBadAmongAHundred: a hundred requests in one piece, one of them a
// breach. Those before it are answered in order, it is refused, and nothing
// behind it is ever a request, wherever it stands.
func TestOneBadAmongAHundred(t *testing.T) {
	const all = 100
	onEach(t, func(t *testing.T, s stage) {
		for _, bad := range []int{0, 1, 49, 98, 99} {
			var served atomic.Int64
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				served.Add(1)
				io.WriteString(w, r.URL.Path)
			})
			var sent strings.Builder
			for i := range all {
				colon := ":"
				if i == bad {
					colon = " :"
				}
				fmt.Fprintf(&sent, "GET /%d HTTP/1.1\r\nHost%s h\r\n\r\n", i, colon)
			}
			v := h.visit()
			v.say(sent.String())
			v.halfClose()
			for i := range bad {
				if answer, body := v.answer("GET"); answer.StatusCode != 200 || body != fmt.Sprint("/", i) {
					t.Fatalf("answer %d is %d %q; answers come in the order of their requests (RFC 9112 9.3.2)", i, answer.StatusCode, body)
				}
			}
			if answer, body := v.answer("GET"); answer.StatusCode != 400 || !answer.Close || !strings.Contains(body, "field-name-space") {
				t.Errorf("the bad one is answered %d %q, close %v; it is refused, and ends the connection", answer.StatusCode, body, answer.Close)
			}
			if rest := v.hear(-1); rest != "" {
				t.Errorf("behind the refusal came %q; nothing behind a breach is a request", clipped([]byte(rest)))
			}
			h.wantClosed(http1.Refused, "a breach ends the connection")
			if n := served.Load(); n != int64(bad) {
				t.Errorf("the handler saw %d requests, want the %d before the bad one", n, bad)
			}
		}
	})
}
