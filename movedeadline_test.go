package genkan

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestDeadlinesMovedAtTheHandlersEnd: goroutines that move deadlines for as
// long as they may do so also in the very moment in which the handler returns
// and the connection begins to rest. It must go on being served, and ended.
func TestDeadlinesMovedAtTheHandlersEnd(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			c := http.NewResponseController(w)
			for range 3 {
				go func() {
					for c.SetReadDeadline(time.Time{}) == nil && c.SetWriteDeadline(time.Time{}) == nil {
					}
				}()
			}
			at(w, r)
		})
		var visitors sync.WaitGroup
		for range 4 {
			v := h.visit()
			visitors.Go(func() {
				for range 30 {
					v.say("GET /hello" + get + "\r\n")
					if got := v.hear(wireLength(hello)); got != hello {
						t.Errorf("got %q: nobody serves this connection any more", got)
						return
					}
				}
			})
		}
		visitors.Wait()
	})
}
