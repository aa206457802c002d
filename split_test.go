package genkan

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
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
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, told(r)) })
		const visitors, step = 7, 5
		var all []*visitor
		var sends, wants []string
		longest := 0
		for i := range visitors {
			head := fmt.Sprintf("GET /%0*d HTTP/1.1\r\nHost: h%d\r\n", 1+i, i, i)
			want := fmt.Sprintf("/%0*d h%d", 1+i, i, i)
			for k := range 9 + i {
				head += fmt.Sprintf("X-%d-%02d: %0*d\r\n", i, k, 3*i+k, i)
				want += fmt.Sprintf(" X-%d-%02d=[%0*d]", i, k, 3*i+k, i)
			}
			all, sends, wants = append(all, h.visit()), append(sends, head+"\r\n"), append(wants, want)
			longest = max(longest, len(sends[i]))
		}
		// Each begins when the one before is in the middle of its fields.
		const later = 60
		for turn := 0; turn < longest+visitors*later; turn += step {
			for i, v := range all {
				if at := turn - i*later; at >= 0 && at < len(sends[i]) {
					v.say(sends[i][at:min(at+step, len(sends[i]))])
					synctest.Wait()
				}
			}
		}
		for i, v := range all {
			if _, got := v.answer("GET"); got != wants[i] {
				t.Errorf("visitor %d was taken for\n%q\nand is\n%q", i, got, wants[i])
			}
			v.Close()
			h.wantClosed(http1.PeerClosed, "the client went between two requests")
		}
	})
}

// told is what a handler was told: target, host and fields.
func told(r *http.Request) string {
	s := r.RequestURI + " " + r.Host
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		s += fmt.Sprintf(" %s=%v", name, r.Header[name])
	}
	return s
}
