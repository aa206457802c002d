package genkan

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// Old clients send an empty line behind a POST (RFC 9112 2.2).

// TestEmptyLineBeginsNoHead: a connection with nothing but that is idle, and has
// the time that idle ones have.
func TestEmptyLineBeginsNoHead(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		v.say("GET /hello" + get + "\r\n\r\n")
		v.hear(wireLength(hello))
		time.Sleep(idleTimeout - time.Second) // a head would have had 10 s
		v.say("GET /hello" + get + "\r\n\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("a request after an empty line and a long rest was answered %q", got)
		}
		after, words := v.end()
		if after < idleTimeout || after > idleTimeout+slack || words != "" {
			t.Errorf("after an empty line it ended in %v with %q, want %v without a word: a 408 would be taken for the next answer", after, words, idleTimeout)
		}
		v.Close()
		h.wantClosed(http1.IdleTimeout, "an empty line is no head")
	})
}

// TestSecondEmptyLineIsRefused also if it comes by itself, long after the first:
// else a client could rest for ever on empty lines.
func TestSecondEmptyLineIsRefused(t *testing.T) {
	for name, say := range map[string]func(*visitor){
		"at once": func(v *visitor) { v.say("\r\n\r\n") },
		"in turn": func(v *visitor) { v.say("\r\n"); time.Sleep(time.Minute); v.say("\r\n") },
		"in four": func(v *visitor) {
			for _, c := range []string{"\r", "\n", "\r", "\n"} {
				v.say(c)
				synctest.Wait()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachBubbled(t, func(t *testing.T, s stage) {
				h := serve(t, s, at)
				v := h.visit()
				v.say("GET /hello" + get + "\r\n")
				v.hear(wireLength(hello))
				synctest.Wait()
				say(v)
				if after, words := v.end(); after > slack || !strings.HasPrefix(words, "HTTP/1.1 400 ") {
					t.Errorf("two empty lines got %q after %v, want a 400: one is ignored (RFC 9112 2.2)", words, after)
				}
				v.Close()
				h.wantClosed(http1.Refused, "a second empty line")
			})
		})
	}
}
