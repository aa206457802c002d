package loop

import "sync/atomic"

// claim is who owns a connection and what has happened to it meanwhile, in one
// word. Each method is one atomic step, so that "every interleaving" is a list
// short enough to be tried (interleave_test.go).
//
//	         event                        rest, nothing noted
//	resting ───────▶ held ◀─────────────┐ ───────────────────▶ resting
//	                  │ must wait       │ event
//	                  └───────▶ parked ─┘
//
// Only the owner clears a note; anybody may add one.
type claim struct{ word atomic.Uint32 }

const (
	held      uint32 = 1 << iota // a goroutine owns the connection
	readable                     // something may be there to recv: an edge came since the last short recv
	writable                     // there may be room: an edge came since the last short send
	hangup                       // the peer has gone or will send no more; stays
	waitRead                     // a goroutine of the owner's is parked until readable
	waitWrite                    // a goroutine of the owner's is parked until writable
	killed                       // the server ends this connection: nothing waits any more; stays
	shut                         // the descriptor is closed; stays
)

// event notes what a poller saw. mine: the connection rested, and the caller
// owns it now. wake: which parked waits (waitRead, waitWrite) the caller must
// end; they are cleared already.
func (c *claim) event(notes uint32) (mine bool, wake uint32) {
	for {
		old := c.word.Load()
		if old&shut != 0 {
			return false, 0
		}
		next := old | notes
		if next&(readable|killed) != 0 {
			wake |= old & waitRead
		}
		if next&(writable|killed) != 0 {
			wake |= old & waitWrite
		}
		next &^= wake
		mine = old&held == 0
		if mine {
			next |= held
		}
		if c.word.CompareAndSwap(old, next) {
			return mine, wake
		}
		wake = 0
	}
}

// nudge is event for whoever owns the connection, if somebody does: a
// connection that rests is left alone.
func (c *claim) nudge(notes uint32) (wake uint32) {
	for {
		old := c.word.Load()
		if old&held == 0 || old&shut != 0 {
			return 0
		}
		wake = old & (waitRead | waitWrite)
		if c.word.CompareAndSwap(old, (old|notes)&^wake) {
			return wake
		}
	}
}

// take makes the caller the owner if the connection rests.
func (c *claim) take() bool {
	for {
		old := c.word.Load()
		if old&(held|shut) != 0 {
			return false
		}
		if c.word.CompareAndSwap(old, old|held) {
			return true
		}
	}
}

// rest gives ownership up, unless something was noted that the owner has not
// acted upon: then it returns false and the caller still owns.
func (c *claim) rest() bool {
	for {
		old := c.word.Load()
		if old&(readable|killed) != 0 {
			return false
		}
		if c.word.CompareAndSwap(old, old&^(held|writable)) {
			return true
		}
	}
}

// clear forgets a note, before the call that will find out anew: what arrives
// after clear is noted again.
func (c *claim) clear(note uint32) { c.word.And(^note) }

// note adds one, for the owner itself.
func (c *claim) note(n uint32) { c.word.Or(n) }

// has says whether any of the notes is there.
func (c *claim) has(notes uint32) bool { return c.word.Load()&notes != 0 }

// park says that a goroutine of the owner's is about to wait for one note (waitRead or
// waitWrite). False: it is there already, do not wait.
func (c *claim) park(wait uint32) bool {
	want := uint32(readable | killed)
	if wait == waitWrite {
		want = writable | killed
	}
	for {
		old := c.word.Load()
		if old&want != 0 {
			return false
		}
		if c.word.CompareAndSwap(old, old|wait) {
			return true
		}
	}
}

// unpark is a waiter giving up. False: somebody has just decided to wake it,
// so a wake-up is on its way and must be received.
func (c *claim) unpark(wait uint32) bool {
	for {
		old := c.word.Load()
		if old&wait == 0 {
			return false
		}
		if c.word.CompareAndSwap(old, old&^wait) {
			return true
		}
	}
}
