package trace

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed is what Next returns when the Reader has been closed.
var ErrClosed = errors.New("trace: the reader is closed")

// Reader is one watcher's place in a [Ring]. Next and TryNext are for one
// goroutine at a time; Close may be called from any.
type Reader struct {
	ring *Ring
	next uint64 // the number of the event that it wants

	closing sync.Once
	closed  chan struct{}
}

// Reader starts to read, from the next event on. A reader costs the ring
// nothing: it need not be closed for the ring's sake, only to end a Next that
// waits. r must not be nil.
func (r *Ring) Reader() *Reader {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &Reader{ring: r, next: r.next, closed: make(chan struct{})}
}

// Next waits for the next event. lost is how many were overwritten between the
// one that was returned last and this one, exactly. The error is the context's
// or [ErrClosed], at once, even if there are events: [Reader.TryNext] still
// has those.
func (rd *Reader) Next(ctx context.Context) (e Event, lost uint64, err error) {
	for {
		// Asked first: under steady traffic there is always an event, and a
		// reader that looked at events first would never end.
		select {
		case <-ctx.Done():
			return Event{}, 0, ctx.Err()
		case <-rd.closed:
			return Event{}, 0, ErrClosed
		default:
		}
		e, lost, ok, wake := rd.take()
		if ok {
			return e, lost, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
		case <-rd.closed:
		}
	}
}

// TryNext is Next without waiting; ok is false when there is no event. It
// works after Close too.
func (rd *Reader) TryNext() (e Event, lost uint64, ok bool) {
	e, lost, ok, _ = rd.take()
	return e, lost, ok
}

// take gives an event, or what to wait for. Losses come with an event only, so
// that none is told twice.
func (rd *Reader) take() (e Event, lost uint64, ok bool, wake <-chan struct{}) {
	r := rd.ring
	r.mu.Lock()
	defer r.mu.Unlock()

	at := max(rd.next, r.oldest)
	if at == r.next {
		if r.wake == nil {
			r.wake = make(chan struct{})
		}
		return Event{}, 0, false, r.wake
	}
	lost = at - rd.next
	rd.next = at + 1
	return r.slots[at%uint64(len(r.slots))], lost, true, nil
}

// Close ends a Next that waits, and all later ones.
func (rd *Reader) Close() {
	rd.closing.Do(func() { close(rd.closed) })
}
