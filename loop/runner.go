package loop

import (
	"runtime"
	"time"
)

// Runner is one goroutine of a group, holding a loop's baton or finishing a
// connection without it.
type Runner struct {
	// Scratch is the code's own: what it wants to find again at the next
	// turn on the same goroutine, such as buffers. It is dropped when the
	// goroutine parks without work.
	Scratch any

	group  *Group
	loop   *Loop
	holds  bool   // the baton is ours, as far as this goroutine knows
	yields bool   // has passed the baton and not yet let the new holder begin
	inside bool   // between Enter and Leave: it may have been passed or taken since
	turn   uint64 // of the baton, while holds
	now    Instant
	normal bool // main is returning, not exiting (runtime.Goexit)
	work   chan batonFor
}

type batonFor struct {
	loop *Loop
	turn uint64
}

// Turn is one stay inside a handler, as begun by Enter.
type Turn struct {
	loop *Loop // nil: the runner did not hold the baton
	turn uint64
}

// Holds says whether this goroutine still holds the baton: then what it does
// must not block.
func (r *Runner) Holds() bool { return r.holds }

// Now is the time of the last look at the poller while the baton is held (one
// reading of the clock for all that was ready); inside a handler, which may
// have taken long, and without the baton, it is the time.
func (r *Runner) Now() Instant {
	if r.holds && !r.inside {
		return r.now
	}
	return InstantOf(time.Now())
}

// Enter begins a handler for a request of this key: from here on the watchman
// may take the baton, and then learns of the key that it blocks. He is woken also
// by who does not hold it: whoever does must get a processor.
func (r *Runner) Enter(key uint32) Turn {
	if r.holds {
		r.loop.entered = key // before the word, whose reader reads this
		r.turn = r.loop.baton.enter(r.turn)
		r.inside = true
	}
	if r.group.watchman.asleep.Load() {
		r.group.watchman.rouse()
	}
	if !r.holds {
		if r.yields {
			// The new holder stands behind us on our processor. Another one that
			// looked for work a moment ago may not look again before we are done.
			r.yields = false
			runtime.Gosched()
		}
		return Turn{}
	}
	return Turn{loop: r.loop, turn: r.turn}
}

// Leave ends it. lost: the baton was taken, or passed by Turn.Pass.
func (r *Runner) Leave(t Turn) (lost bool) {
	if t.loop == nil {
		return false
	}
	r.inside = false
	r.holds = t.loop.baton.leave(t.turn)
	return !r.holds
}

// Pass gives the baton away from inside the handler, because what follows may
// block. It may be called by any goroutine, at any time: after Leave, or a
// second time, it does nothing. It says whether this call gave it away.
func (t Turn) Pass() bool {
	if t.loop == nil {
		return false
	}
	next, ok := t.loop.baton.passInside(t.turn)
	if ok {
		t.loop.group.give(t.loop, next)
	}
	return ok
}

// Pass gives the baton away, if it is still here.
func (r *Runner) Pass() {
	if !r.holds {
		return
	}
	r.holds = false
	if r.inside {
		Turn{r.loop, r.turn}.Pass()
		return
	}
	r.group.give(r.loop, r.turn)
	r.yields = true
}

// main leads a loop until the baton is lost, then parks until there is
// another baton to carry.
func (r *Runner) main() {
	defer r.ended()
	for {
		r.lead()
		r.drop()
		if !r.group.idle.park(r) {
			r.normal = true
			return
		}
		given, ok := <-r.work
		if !ok {
			r.normal = true
			return
		}
		r.loop, r.turn, r.holds, r.yields = given.loop, given.turn, true, false
	}
}

// ended is the last thing a runner does. After runtime.Goexit in a handler the
// baton may still be here, and must not die with the goroutine. (A panic that
// got here is a bug of ours: it goes on and ends the program, with its own
// stack.)
func (r *Runner) ended() {
	if !r.normal {
		r.Pass()
	}
	r.group.leaveAlive()
}

// run is one turn of a connection that this goroutine owns, and more if
// something arrives before it can rest.
func (r *Runner) run(c *Conn, turn func(Code, *Runner) Ending) {
	for {
		end := turn(c.code, r)
		switch {
		case end.closed:
			return
		case end.again && r.holds:
			r.loop.again = append(r.loop.again, c)
			return
		case end.again:
		case c.restUntil(end.deadline):
			return
		case c.Killed():
			turn = Code.Expired
			continue
		}
		turn = Code.Turn
	}
}
