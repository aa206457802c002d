package loop

import (
	"sync/atomic"
	"time"
)

// A handler may block without telling. The watchman looks at every loop each
// lookEvery and takes the baton from whoever is inside the same handler as at
// the last look. So a handler that blocks delays the others of its loop by at
// most two looks, once; after that it is known (learned.go).
const (
	lookEvery  = time.Millisecond
	looksQuiet = 20 // this many looks in a row at empty loops, and he sleeps: an idle server uses no CPU
)

type watchman struct {
	group  *Group
	asleep atomic.Bool
	bell   chan struct{}
	seen   []uint64 // by loop: what the last look saw, 0 if nobody was inside
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
	quiet := 0
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for !w.group.stopping.Load() {
		if quiet < looksQuiet {
			<-ticker.C
			if w.look() {
				quiet = 0
			} else {
				quiet++
			}
			continue
		}
		// First say that he sleeps, then look once more: who enters after the
		// look finds him asleep and rings.
		w.asleep.Store(true)
		if (w.look() || w.group.stopping.Load()) && w.asleep.CompareAndSwap(true, false) {
			quiet = 0
			continue
		}
		ticker.Stop()
		w.group.idle.trim()
		<-w.bell
		ticker.Reset(lookEvery)
		quiet = 0
	}
}

// look takes batons that have been inside one handler since the last look. It
// says whether anybody is inside one.
func (w *watchman) look() (busy bool) {
	for i, l := range w.group.loops {
		seen, occupied := l.baton.look()
		switch {
		case !occupied:
			w.seen[i] = 0
			continue
		case seen == w.seen[i]:
			if turn, ok := l.baton.take(seen); ok {
				w.seen[i] = 0
				w.group.give(l, turn)
			}
		default:
			w.seen[i] = seen
		}
		busy = true
	}
	return busy
}
