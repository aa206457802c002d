package loop

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Options are how a Group works. The zero value means the defaults.
type Options struct {
	// Loops is how many loops there are; 0: one for each processor that Go
	// may use (GOMAXPROCS).
	Loops int

	// Kernel is asked; nil: socket.OS.
	Kernel socket.Kernel

	// NewPoller makes each loop's poller; nil: NewEpoll.
	NewPoller func() (Poller, error)

	// MaxConns is how many connections may be open before accepting pauses; 0
	// or less: no limit.
	MaxConns int

	// Log is told what went wrong in the loop itself; nil: nobody. It may be
	// called from any goroutine and must not block.
	Log func(format string, args ...any)

	// Paused is told, every PauseToldEvery at most, that a listener accepts
	// nothing for a while, or (0) until a connection closes, and why. Nil: Log
	// is. It must not block either.
	Paused func(why error, d time.Duration)

	// Drop is given a runner's Scratch when its goroutine parks; nil: it is
	// left to the garbage collector.
	Drop func(scratch any)
}

// Group is a set of loops that share their connections, their watchman and
// what he has learned.
type Group struct {
	opts     Options
	loops    []*Loop
	table    table
	idle     idle
	watchman watchman
	learned  learned
	waiters  waiters
	stopping atomic.Bool
	conns    atomic.Int64
	gen      atomic.Uint32

	mu        sync.Mutex
	alive     int // goroutines of the group
	done      chan struct{}
	listeners map[uint64]*Listener
	paused    atomic.Int32 // listeners that wait for a connection to close
}

// ErrStopped is returned by a group that was stopped.
var ErrStopped = errors.New("loop: stopped")

// New starts a group. Stop ends it.
func New(o Options) (*Group, error) {
	if o.Loops <= 0 {
		o.Loops = runtime.GOMAXPROCS(0)
	}
	if o.Kernel == nil {
		o.Kernel = socket.OS
	}
	clock := newGoTimer()
	if o.NewPoller == nil {
		o.NewPoller = NewEpoll
		var err error
		if clock, err = newAlarm(); err != nil {
			return nil, fmt.Errorf("the watchman's alarm: %w", err)
		}
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	if o.Paused == nil {
		o.Paused = func(why error, d time.Duration) {
			if d == 0 {
				o.Log("%v: accepting pauses until one closes", why)
				return
			}
			o.Log("%v: accepting pauses for %v at a time", why, d)
		}
	}
	if o.Drop == nil {
		o.Drop = func(any) {}
	}
	g := &Group{opts: o, done: make(chan struct{}), listeners: map[uint64]*Listener{}}
	g.idle.most, g.idle.few = idleMost*o.Loops, idleFew*o.Loops
	g.watchman = watchman{group: g, bell: make(chan struct{}, 1), alarm: clock, seen: make([]uint64, o.Loops)}
	for range o.Loops {
		p, err := o.NewPoller()
		if err != nil {
			for _, l := range g.loops {
				l.poller.Close()
			}
			clock.close()
			return nil, err
		}
		g.loops = append(g.loops, &Loop{group: g, kernel: o.Kernel, poller: p, now: InstantOf(time.Now()), rested: true})
	}
	g.alive = 1 + len(g.loops) // before any of them can end
	go g.watchman.main()
	for _, l := range g.loops {
		go g.newRunner(l, 0).main()
	}
	return g, nil
}

func (g *Group) newRunner(l *Loop, turn uint64) *Runner {
	return &Runner{group: g, loop: l, turn: turn, holds: true, work: make(chan batonFor, 1)}
}

// give hands a loop's baton to a goroutine without work, or to a new one.
func (g *Group) give(l *Loop, turn uint64) {
	if r := g.idle.pop(); r != nil {
		r.work <- batonFor{l, turn}
		return
	}
	g.mu.Lock()
	g.alive++
	g.mu.Unlock()
	go g.newRunner(l, turn).main()
}

// Add puts a connection on the loop that has the fewest. From then on its
// turns come, the first maybe before Add returns. Until something arrives it
// rests, at most until the deadline, if there is one. On an error the
// descriptor is still the caller's.
func (g *Group) Add(c *Conn, fd socket.FD, code Code, deadline Instant) error {
	return g.add(c, fd, code, deadline)
}

// Start is Add for a connection that begins with something that waits, such as
// a handshake: first runs on a goroutine of its own, which owns the connection
// and may wait, and goes on with the turns that follow from it.
func (g *Group) Start(c *Conn, fd socket.FD, code Code, first func(*Runner) Ending) error {
	if !g.enterAlive() {
		return ErrStopped
	}
	c.claim.note(held)
	if err := g.add(c, fd, code, 0); err != nil {
		g.leaveAlive()
		return err
	}
	go func() {
		defer g.leaveAlive()
		r := &Runner{group: g, loop: c.loop}
		r.run(c, func(_ Code, r *Runner) Ending { return first(r) })
		r.drop()
	}()
	return nil
}

func (g *Group) add(c *Conn, fd socket.FD, code Code, deadline Instant) error {
	if g.stopping.Load() {
		return ErrStopped
	}
	l := g.loops[0]
	for _, other := range g.loops[1:] {
		if other.conns.Load() < l.conns.Load() {
			l = other
		}
	}
	c.fd, c.code, c.loop, c.index = fd, code, l, -1
	c.gen = g.gen.Add(1)
	l.conns.Add(1)
	g.conns.Add(1)
	// From the table and the timers on, others may own and close it; both they
	// do under the lock, so the descriptor stays ours until it is registered.
	l.mu.Lock()
	defer l.mu.Unlock()
	if deadline != 0 {
		c.deadline.Store(int64(deadline))
		l.timers.put(c, int64(deadline))
		l.setTimer()
	}
	g.table.put(c)
	if err := l.poller.Add(fd, c.key(), false); err != nil {
		c.claim.note(held | shut)
		l.timers.remove(c)
		g.table.remove(c)
		l.conns.Add(-1)
		g.conns.Add(-1)
		if g.paused.Load() > 0 {
			// Not on this goroutine: the caller may be a listener's accept, whose
			// lock resume takes.
			time.AfterFunc(0, g.resume)
		}
		return err
	}
	return nil
}

// Conns is how many connections are open.
func (g *Group) Conns() int { return int(g.conns.Load()) }

// Each calls f with every connection, until it returns false. Connections that
// come or go meanwhile may be missed.
func (g *Group) Each(f func(*Conn) bool) { g.table.each(f) }

// Code is what was given to Add.
func (c *Conn) Code() Code { return c.code }

// closed is called after each connection's end.
func (g *Group) closed() {
	n := g.conns.Add(-1)
	if g.paused.Load() > 0 && (g.opts.MaxConns <= 0 || int(n) < g.opts.MaxConns) {
		g.resume()
	}
}

// Stop ends the group: its goroutines return as they become free, and Done is
// closed when the last has. Connections are not closed; Kill them first.
func (g *Group) Stop() {
	if g.stopping.Swap(true) {
		return
	}
	g.mu.Lock()
	for _, ln := range g.listeners {
		ln.stopTimer()
	}
	g.mu.Unlock()
	for _, l := range g.loops {
		l.mu.Lock()
		if l.timers.timer != nil {
			l.timers.timer.Stop()
		}
		l.mu.Unlock()
		l.poller.Wake()
	}
	g.watchman.rouse()
	g.idle.close()
}

// Done is closed when the last goroutine of a stopped group has returned, and
// all that the group held was given back.
func (g *Group) Done() <-chan struct{} { return g.done }

// enterAlive counts a goroutine that was not started by one already counted.
// False: the group is done.
func (g *Group) enterAlive() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alive == 0 {
		return false
	}
	g.alive++
	return true
}

func (g *Group) leaveAlive() {
	g.mu.Lock()
	g.alive--
	last := g.alive == 0
	g.mu.Unlock()
	if last {
		for _, l := range g.loops {
			if err := l.poller.Close(); err != nil {
				g.opts.Log("loop: closing the poller: %v", err)
			}
		}
		close(g.done)
	}
}
