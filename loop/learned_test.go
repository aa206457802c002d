package loop

import (
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A loop that has waited wakes the runtime's monitor for the next handler that
// may keep a processor, and then not again until it has waited once more.
func TestMonitorIsWokenAfterRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c := h.dial()
		h.say(c, "q", "q")
		synctest.Wait()
		l := h.group.loops[0]
		l.rested = false // nobody else runs
		c.Close()
		synctest.Wait()
		if !l.rested {
			t.Fatal("the loop has waited, and does not know it")
		}
		r := &Runner{group: h.group, loop: l, holds: true}
		if r.Blocks(42); l.rested {
			t.Error("the monitor was not woken for a request of an unknown kind")
		}
		l.rested = true
		h.group.Learn(42, false)
		if r.Blocks(42); !l.rested {
			t.Error("the monitor was woken for a kind that is quick")
		}
		h.group.Learn(42, true)
		if r.Blocks(42); l.rested {
			t.Error("the monitor was not woken for a kind that blocks")
		}
	})
}

// A handler that never returns is known to block as soon as the baton has been
// taken from it.
func TestHandlerThatNeverReturnsIsLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		defer close(h.gate)
		c, other := h.dial(), h.dial()
		defer c.Close()
		defer other.Close()
		const key = uint32('b') << 8
		if n, known := h.group.learned.get(key); n > 0 || known {
			t.Fatalf("it is known before it was asked for: %d", n)
		}
		if _, err := io.WriteString(c, "b"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * lookEvery)
		synctest.Wait()
		if n, _ := h.group.learned.get(key); n == 0 {
			t.Error("it is still inside, its baton was taken, and it is not known to block")
		}
		h.say(other, "q", "q")
	})
}
