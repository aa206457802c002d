package loop

import (
	"io"
	"testing"
	"testing/synctest"
)

func (h *house) nudgeAll() {
	h.group.Each(func(c *Conn) bool { c.Nudge(); return true })
}

// A nudge that comes too late, when the owner has gone, must not make the
// connection one that is held by nobody.
func TestNudgeLeavesAloneWhoRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c := h.dial()
		h.say(c, "a", "a")
		for range 3 {
			synctest.Wait() // it rests
			h.nudgeAll()
			h.say(c, "a", "a")
		}
		synctest.Wait()
		h.nudgeAll()
		c.Close()
		synctest.Wait()
		if n := h.group.Conns(); n != 0 {
			t.Errorf("%d connections are open after their peer's end, want 0", n)
		}
	})
}

// Whoever waits is there: it looks again, and finds nothing, or what has come.
func TestNudgeEndsTheOwnersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c := h.dial()
		io.WriteString(c, "w")
		for range 3 {
			synctest.Wait() // its handler waits for one more letter
			h.nudgeAll()
		}
		h.say(c, "x", "X")
		h.say(c, "a", "a")
		c.Close()
	})
}
