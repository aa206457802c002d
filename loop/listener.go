package loop

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Listener takes connections off one queue. It belongs to one loop; what it
// accepts is spread over all of them.
type Listener struct {
	group  *Group
	loop   *Loop
	fd     socket.FD
	key    uint64
	accept func(fd socket.FD, peer socket.Addr)

	mu      sync.Mutex
	stopped bool
	paused  bool
	timer   *time.Timer
	told    time.Time // that it paused
}

// acceptMost bounds the connections taken in one go, so that a flood of new
// ones does not starve those that are served.
const acceptMost = 64

// Listen calls accept with each connection that arrives at fd, a listening
// socket in non-blocking mode, which stays the caller's to close, after Stop.
// accept runs on the loop and must not block; the descriptor it is given is
// its own, in non-blocking mode.
func (g *Group) Listen(fd socket.FD, accept func(fd socket.FD, peer socket.Addr)) (*Listener, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping.Load() {
		return nil, ErrStopped
	}
	ln := &Listener{group: g, loop: g.loops[len(g.listeners)%len(g.loops)], fd: fd, accept: accept}
	ln.key = uint64(uint32(fd)) | uint64(g.gen.Add(1))<<32 | listenerKey
	g.listeners[ln.key] = ln
	if err := ln.loop.poller.Add(fd, ln.key, true); err != nil {
		delete(g.listeners, ln.key)
		return nil, err
	}
	return ln, nil
}

// Stop takes no more connections. After it returns, accept is not called again.
func (ln *Listener) Stop() {
	ln.group.mu.Lock()
	delete(ln.group.listeners, ln.key)
	ln.group.mu.Unlock()
	ln.mu.Lock()
	defer ln.mu.Unlock()
	if ln.stopped {
		return
	}
	ln.stopped = true
	if ln.paused {
		ln.paused = false
		ln.group.paused.Add(-1)
	} else if err := ln.loop.poller.Del(ln.fd); err != nil {
		ln.group.opts.Log("loop: %v", err)
	}
	if ln.timer != nil {
		ln.timer.Stop()
	}
}

func (ln *Listener) stopTimer() {
	ln.mu.Lock()
	defer ln.mu.Unlock()
	if ln.timer != nil {
		ln.timer.Stop()
	}
}

// accept takes what waits in the queue of the listener with this key.
func (g *Group) accept(l *Loop, key uint64) {
	g.mu.Lock()
	ln := g.listeners[key]
	g.mu.Unlock()
	if ln == nil {
		return
	}
	ln.mu.Lock()
	defer ln.mu.Unlock()
	for range acceptMost {
		if ln.stopped || ln.paused {
			return
		}
		if g.opts.MaxConns > 0 && int(g.conns.Load()) >= g.opts.MaxConns {
			ln.pause(fmt.Errorf("%d connections are open, the limit", g.opts.MaxConns), 0)
			return
		}
		fd, peer, err := l.kernel.Accept(ln.fd, socket.NONBLOCK)
		switch {
		case err == nil:
			ln.accept(fd, peer)
		case err == socket.ErrAgain:
			return
		case interrupted(err), errors.Is(err, syscall.ECONNABORTED):
			// The connection that was first in the queue has gone; the next.
		default:
			// No descriptors, no memory. Level-triggered, so without a pause
			// this would spin.
			ln.pause(err, PauseFor)
			return
		}
	}
}

// PauseFor is how long accepting pauses when it fails, for lack of descriptors or
// memory: then it is tried again.
const PauseFor = 100 * time.Millisecond

// PauseToldEvery is how often that is told, at most, however long it lasts.
const PauseToldEvery = time.Second

// pause stops accepting for a while, or (d == 0) until a connection closes.
// ln.mu is held.
func (ln *Listener) pause(why error, d time.Duration) {
	if err := ln.loop.poller.Del(ln.fd); err != nil {
		ln.group.opts.Log("loop: %v", err)
		return
	}
	ln.paused = true
	ln.group.paused.Add(1)
	ln.tell(why, d)
	if d == 0 {
		// One may have closed before the pause was visible to closed.
		g := ln.group
		if int(g.conns.Load()) < g.opts.MaxConns {
			ln.unpause()
		}
		return
	}
	ln.resumeIn(d)
}

// tell says that accepting pauses, if that has not been said just now.
func (ln *Listener) tell(why error, d time.Duration) {
	if now := time.Now(); now.Sub(ln.told) >= PauseToldEvery {
		ln.told = now
		ln.group.opts.Paused(why, d)
	}
}

func (ln *Listener) resumeIn(d time.Duration) {
	if ln.timer == nil {
		ln.timer = time.AfterFunc(d, ln.resume)
	} else {
		ln.timer.Reset(d)
	}
}

// resume is unpause, on the timer's goroutine or that of who closed a connection.
func (ln *Listener) resume() {
	if !ln.group.enterAlive() {
		return
	}
	defer ln.group.leaveAlive()
	ln.mu.Lock()
	defer ln.mu.Unlock()
	ln.unpause()
}

func (ln *Listener) unpause() {
	if !ln.paused || ln.stopped {
		return
	}
	if err := ln.loop.poller.Add(ln.fd, ln.key, true); err != nil {
		ln.tell(err, PauseFor)
		ln.resumeIn(PauseFor)
		return
	}
	ln.paused = false
	ln.group.paused.Add(-1)
}

// resume lets paused listeners go on.
func (g *Group) resume() {
	g.mu.Lock()
	var all []*Listener
	for _, ln := range g.listeners {
		all = append(all, ln)
	}
	g.mu.Unlock()
	for _, ln := range all {
		ln.resume()
	}
}
