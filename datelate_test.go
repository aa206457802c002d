package genkan

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// TestDateIsWhenTheAnswerIsMade: not when its request was found (RFC 9110
// 6.6.1), however long the handler took: at the first time, when nobody knew
// that it would, and at the next.
func TestDateIsWhenTheAnswerIsMade(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(5 * time.Second)
			io.WriteString(w, time.Now().UTC().Format(http.TimeFormat))
			if r.URL.Path == "/flushed" {
				w.(http.Flusher).Flush() // inside the handler
			}
		})
		v := h.visit()
		for _, path := range []string{"/flushed", "/flushed", "/kept", "/kept"} {
			v.say("GET " + path + get + "\r\n")
			res, now := v.answer("GET")
			if date := res.Header.Get("Date"); date != now {
				t.Errorf("%s: Date is %q, and it was %q", path, date, now)
			}
		}
	})
}
