package loop

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// waiter is a parked goroutine: a place for one wake-up, and a timer. A group
// lends them, because a wait is rare and a channel in each connection would be
// paid for by those that never wait.
type waiter struct {
	woken chan struct{}
	timer *time.Timer
}

// waiters is the waiters of a group that nobody uses.
type waiters struct{ pool sync.Pool }

func (p *waiters) get() *waiter {
	if w, ok := p.pool.Get().(*waiter); ok {
		return w
	}
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &waiter{woken: make(chan struct{}, 1), timer: t}
}

// put takes a waiter back. No wake-up may be on its way.
func (p *waiters) put(w *waiter) { p.pool.Put(w) }

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

// interrupted says that a signal ended the call, which is to be made again.
func interrupted(err error) bool {
	return err != nil && err != socket.ErrAgain && errors.Is(err, syscall.EINTR)
}
