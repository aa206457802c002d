package genkan

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/genkan-http/genkan/http1"
)

// splitMost is the length up to which a conversation is tried at every split.
const splitMost = 200

// TestEverySplit sends each conversation in two parts, split at every byte, and
// waits in between until the server has done all that it can with the first.
// Where bytes are split is the network's business: nothing may depend on it.
func TestEverySplit(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for _, c := range conversations {
			for i := 1; i < len(c.send) && len(c.send) <= splitMost; i++ {
				h.hold(t, c, func(v *visitor) {
					v.say(c.send[:i])
					synctest.Wait()
					v.say(c.send[i:])
				})
				if t.Failed() {
					t.Fatalf("in conversation %q, split after byte %d", c.name, i)
				}
			}
		}
	})
}

// TestByteByByte sends each conversation one byte at a time.
func TestByteByByte(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for _, c := range conversations {
			if len(c.send) > 4*splitMost {
				continue
			}
			h.hold(t, c, func(v *visitor) {
				for i := range len(c.send) {
					v.say(c.send[i : i+1])
					synctest.Wait()
				}
			})
			if t.Failed() {
				t.Fatalf("in conversation %q", c.name)
			}
		}
	})
}

// TestByteByByteOverTCP is TestByteByByte where the kernel may do as it likes.
func TestByteByByteOverTCP(t *testing.T) {
	for _, s := range stages() {
		if !s.real {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, at)
			for _, c := range conversations {
				if len(c.send) > splitMost {
					continue
				}
				h.hold(t, c, func(v *visitor) {
					for i := range len(c.send) {
						v.say(c.send[i : i+1])
					}
				})
			}
		})
	}
}

// TestHeadsInterleaved sends the heads of many connections in turns, a few
// bytes of each: what one goroutine has parsed of one head must not get into
// another's.
func TestHeadsInterleaved(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		const visitors = 7
		var all []*visitor
		var sends, wants []string
		longest := 0
		for i := range visitors {
			all = append(all, h.visit())
			padding := ""
			for k := range i {
				padding += fmt.Sprintf("X-%d%d: %0*d\r\n", i, k, 3*i+k, i)
			}
			query := fmt.Sprintf("visitor=%d", i)
			sends = append(sends, "GET /path?"+query+get+padding+"\r\n")
			wants = append(wants, ok("Content-Length: 9\r\n"+text, query))
			longest = max(longest, len(sends[i]))
		}
		const step = 5
		for at := 0; at < longest; at += step {
			for i, v := range all {
				if at < len(sends[i]) {
					v.say(sends[i][at:min(at+step, len(sends[i]))])
					synctest.Wait()
				}
			}
		}
		for i, v := range all {
			if got := v.hear(wireLength(wants[i])); got != wants[i] {
				t.Errorf("visitor %d got\n%q\nwant\n%q", i, got, wants[i])
			}
			v.Close()
			h.wantClosed(http1.PeerClosed, "the client went between two requests")
		}

	})
}
