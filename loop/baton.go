package loop

import "sync/atomic"

// baton is the right to wait in the poller and to read the ready list, as one
// word: a number that grows with each handler entered and each hand-over, and
// a bit that says "inside a handler".
//
//	           enter               leave
//	holding n ──────▶ inside n+1 ─────────▶ holding n+1
//	                    │
//	                    │ taken (by the watchman) or passed (by the holder)
//	                    ▼
//	                  holding n+2, by another goroutine
//
// Only the holder writes while the bit is 0, so it needs no compare there.
// Inside a handler two may want to change it, the holder and the watchman:
// both compare, and one of them wins.
type baton struct{ word atomic.Uint64 }

const inside = 1

// enter is the holder going into a handler. It returns the turn's number,
// which leave and pass need.
func (b *baton) enter(turn uint64) uint64 {
	turn++
	b.word.Store(turn<<1 | inside)
	return turn
}

// leave is the holder coming out. False: the baton was taken meanwhile.
func (b *baton) leave(turn uint64) bool {
	return b.word.CompareAndSwap(turn<<1|inside, turn<<1)
}

// passInside is the holder, inside a handler, giving the baton up. It returns
// the turn for the next holder; false: it was taken already.
func (b *baton) passInside(turn uint64) (uint64, bool) {
	return turn + 1, b.word.CompareAndSwap(turn<<1|inside, (turn+1)<<1)
}

// look is what the watchman sees; occupied says that a handler is running.
func (b *baton) look() (seen uint64, occupied bool) {
	seen = b.word.Load()
	return seen, seen&inside != 0
}

// take is the watchman taking the baton from whoever is still inside the
// handler that he saw. It returns the turn for the next holder.
func (b *baton) take(seen uint64) (uint64, bool) {
	turn := seen>>1 + 1
	return turn, b.word.CompareAndSwap(seen, turn<<1)
}
