package loop

import (
	"sync/atomic"
	"time"
)

// A handler may block without telling. The watchman looks at every loop each
// lookEvery and takes the baton from whoever is inside the same handler as at
// the last look. So a handler that blocks delays the others of its loop by at
// most two looks, once; after that it is known (learned.go).
//
// A look that is late by two more says that somebody computes who does not let
// him have a processor, so he does not wait for another: that would take one
// more slice of the scheduler's, 10 ms. If he wrongs somebody who has only just
// begun, it costs some hand-overs.
const (
	lookEvery  = time.Millisecond
	sweepEvery = 256             // looks: then runners that were not needed meanwhile are ended
	trimAfter  = 100 * lookEvery // of sleep, and nearly all of them are
	looksQuiet = 3               // this many looks in a row at loops that stand still, and he sleeps: an idle server uses no CPU
)

type watchman struct {
	group  *Group
	asleep atomic.Bool
	bell   chan struct{}
	alarm  alarm
	seen   []uint64 // by loop: its baton at the last look
}

// rouse wakes the watchman. Whoever enters a handler and finds him asleep
// calls it; one of them rings.
//
// With a single processor he can only run if the Go runtime takes it from a
// handler that computes; wakeMonitor sees to that.
func (w *watchman) rouse() {
	if w.asleep.CompareAndSwap(true, false) {
		w.bell <- struct{}{}
		wakeMonitor()
	}
}

func (w *watchman) main() {
	defer w.group.leaveAlive()
	defer func() {
		if err := w.alarm.close(); err != nil {
			w.group.opts.Log("loop: closing the watchman's alarm: %v", err)
		}
	}()
	quiet, looks := 0, 0
	last := time.Now()
	trim := time.NewTimer(trimAfter)
	trim.Stop()
	for !w.group.stopping.Load() {
		if quiet < looksQuiet {
			w.alarm.wait()
			now := time.Now()
			late := now.Sub(last) > 3*lookEvery
			last = now
			if w.look(late) {
				quiet = 0
			} else {
				quiet++
			}
			if looks++; looks%sweepEvery == 0 {
				w.group.idle.sweep()
			}
			continue
		}
		// First say that he sleeps, then look once more: who enters after the
		// look finds him asleep and rings.
		w.asleep.Store(true)
		if (w.look(false) || w.group.stopping.Load()) && w.asleep.CompareAndSwap(true, false) {
			quiet = 0
			continue
		}
		trim.Reset(trimAfter)
		select {
		case <-w.bell:
			trim.Stop()
		case <-trim.C:
			w.group.idle.trim()
			<-w.bell
		}
		last = time.Now()
		quiet = 0
	}
}

// look takes batons that have been inside one handler since the last look, or,
// if the look is late, inside any. It says whether anybody is inside one, or has
// been since the last look: with one processor he looks when nobody else runs,
// and would seldom find somebody inside however busy the loop is.
func (w *watchman) look(late bool) (busy bool) {
	for i, l := range w.group.loops {
		seen, occupied := l.baton.look()
		same := seen == w.seen[i]
		w.seen[i] = seen
		busy = busy || occupied || !same
		if occupied && (late || same) {
			if turn, ok := l.baton.take(seen); ok {
				// Now, and not when the handler returns: it may never.
				w.group.Learn(l.entered, true)
				w.group.give(l, turn)
			}
		}
	}
	return busy
}
