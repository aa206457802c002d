package loop

import (
	"errors"
	"sync"
	"syscall"
	"time"
)

// waiter is a parked goroutine: a place for one wake-up, and a timer. Waiters
// are lent by a pool, because a wait is rare and a channel in each connection
// would be paid for by those that never wait.
type waiter struct {
	woken chan struct{}
	timer *time.Timer
}

var waiters = sync.Pool{New: func() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &waiter{woken: make(chan struct{}, 1), timer: t}
}}

func newWaiter() *waiter { return waiters.Get().(*waiter) }

// release gives the waiter back. No wake-up may be on its way.
func (w *waiter) release() { waiters.Put(w) }

// sleep waits for the wake-up; false: the deadline came first.
func (w *waiter) sleep(deadline time.Time) bool {
	if deadline.IsZero() {
		<-w.woken
		return true
	}
	d := time.Until(deadline)
	if d <= 0 {
		return false
	}
	w.timer.Reset(d)
	defer w.timer.Stop()
	select {
	case <-w.woken:
		return true
	case <-w.timer.C:
		return false
	}
}

func interrupted(err error) bool { return errors.Is(err, syscall.EINTR) }
