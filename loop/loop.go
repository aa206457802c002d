package loop

import (
	"sync"
	"sync/atomic"

	"github.com/genkan-http/genkan/socket"
)

// readyMax is how many answers one look at the poller fetches.
const readyMax = 256

// Loop is one poller and what rests on it. A group has as many as there are
// processors to use.
type Loop struct {
	group  *Group
	kernel socket.Kernel
	poller Poller
	baton  baton
	conns  atomic.Int64

	mu     sync.Mutex // timers, and the closing of descriptors
	timers timers

	// The baton's: for its holder alone.
	ready [readyMax]Ready
	next  int     // in ready
	n     int     // filled in ready
	again []*Conn // owned by the loop, waiting for another turn
	turns int     // of again, to be given before the next look
	now   Instant

	entered  uint32 // the key of the handler inside, for the watchman who takes the baton
	unbroken int    // turns since the scheduler last had a look
	rested   bool   // it has waited since the runtime's monitor was last woken
}

// outside runs first, for a connection that the caller has just come to own,
// on the caller's goroutine; first must not wait. If it asks for another turn, or
// something has arrived in between, that turn gets a goroutine of its own.
func (l *Loop) outside(c *Conn, first func(Code, *Runner) Ending) {
	r := &Runner{group: l.group, loop: l}
	end := first(c.code, r)
	if end.closed || !end.again && c.restUntil(end.deadline) {
		r.drop()
		return
	}
	if !l.group.enterAlive() {
		return // the group has ended, and whoever ended it killed c
	}
	go func() {
		defer l.group.leaveAlive()
		turn := Code.Turn
		if c.Killed() {
			turn = Code.Expired
		}
		r.run(c, turn)
		r.drop()
	}()
}

// drop gives the runner's scratch back.
func (r *Runner) drop() {
	if r.Scratch != nil {
		r.group.opts.Drop(r.Scratch)
		r.Scratch = nil
	}
}
