package loop

import (
	"testing"
	"testing/synctest"
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
