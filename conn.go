package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// conn is one connection, from accept to close. Its code is the same on a loop
// and over a net.Conn; the transport is the difference.
//
//	(proxy ──▶) new ──▶ head ──▶ active ──▶ idle ──▶ head …
//	  any of them ──▶ linger ──▶ closed
//
// At rest (new, idle, and head on a loop) it is this struct and nothing more.
type conn struct {
	loop.Conn // on a loop; unused over a net.Conn

	srv     *Server
	from    *source
	tr      transport
	number  uint64 // in the trace
	peer    socket.Addr
	secure  *tls.ConnectionState // nil: not TLS
	base    context.Context      // of its requests: from ConnContext, else the listener's
	wanted  net.Addr             // where the client went, as its proxy said; nil: it has not
	view    net.Conn             // as the program's callbacks see it; nil: it has none
	working *work                // in a turn
	remote  string               // peer as the handler sees it, made at the first request

	current      atomic.Pointer[exchange] // being handled
	phase        atomic.Uint32
	held         *held // unfinished input at rest
	headDeadline loop.Instant
	requestBegan loop.Instant // its first byte; before the first request, when the connection was accepted
	linger       int          // bytes that may still be thrown away
	reason       http1.CloseReason
	served       bool // at least one request
	spares       bool // the kernel takes little of its answers
	eof          bool // the peer sends no more
	late         bool // the head has had its time
}

// source is what the connections of one listener share.
type source struct {
	listener net.Listener
	base     context.Context
}

// The phases of a connection; deadline.go has their times.
const (
	phaseNew uint32 = iota
	phaseProxy
	phaseHead
	phaseActive
	phaseIdle
	phaseLinger
	phaseClosed
)

func newLoopConn(srv *Server, from *source, peer socket.Addr, fd socket.FD) *conn {
	now := loop.InstantOf(time.Now())
	c := &conn{srv: srv, from: from, base: from.base, peer: peer, requestBegan: now, headDeadline: now.After(srv.headTime())}
	c.tr = (*socketTransport)(c)
	if srv.tap != nil {
		c.number = srv.tap.ConnOf(fd)
	}
	if srv.trusts(peer) {
		c.expectHeader()
	}
	return c
}

// Turn is the loop's call: something may have arrived.
func (c *conn) Turn(r *loop.Runner) loop.Ending {
	w := workOf(r)
	w.serves(c.srv)
	c.working = w
	end := c.turn(w)
	c.working = nil
	return end
}

func (c *conn) turn(w *work) loop.Ending {
	if c.phase.Load() == phaseLinger {
		return c.lingerOn(w)
	}
	if c.held != nil {
		w.restore(c.held)
	}
	var end loop.Ending
	if c.late {
		end = c.expireHead(w)
	} else {
		end = c.run(w)
	}
	if c.phase.Load() == phaseClosed {
		w.forget()
		c.held = nil
		return end
	}
	c.held = w.hold(c.held)
	return end
}

// Expired is the loop's call: the deadline of the rest has passed, or the
// server kills the connection.
func (c *conn) Expired(r *loop.Runner) loop.Ending {
	if c.Killed() {
		return c.close(http1.ServerClosed)
	}
	switch c.phase.Load() {
	case phaseProxy:
		return c.close(http1.ProxyHeaderTimeout)
	case phaseHead:
		c.late = true
		if c.srv.OnRefused != nil {
			return loop.Again() // it may block, and this may be the timer's goroutine
		}
		return c.Turn(r)
	case phaseLinger:
		return c.close(c.reason)
	case phaseNew:
		return c.close(http1.HeadTimeout)
	}
	return c.close(http1.IdleTimeout)
}

// Gone is the loop's call: the peer has gone while somebody works for it.
func (c *conn) Gone() {
	if ex := c.current.Load(); ex != nil {
		ex.ctx.cancel(context.Canceled)
	}
}

// run serves what has arrived: requests in order, until there is nothing left
// to parse. Then the answers leave together, and the connection rests.
func (c *conn) run(w *work) loop.Ending {
	for recvs := 0; ; recvs++ {
		wait := false
		if c.phase.Load() == phaseProxy {
			var end loop.Ending
			var ended bool
			if end, wait, ended = c.proxied(w, c.tr); ended {
				return end
			}
		}
		if !wait && c.srv.odd && !c.served && w.r < w.w {
			var end loop.Ending
			var ended bool
			if end, wait, ended = c.otherwise(w); ended {
				return end
			}
		}
		for !wait && (w.r < w.w || c.eof) {
			n, ev, err := w.parser.Next(w.unparsed(), c.eof)
			w.r += n
			switch {
			case err != nil:
				return c.refuse(w, err)
			case ev.Kind == http1.EventHead:
				if end, ok := c.serve(w); !ok {
					return end
				}
				continue
			case c.eof:
				return c.ended(w)
			}
			break // more is needed
		}
		if c.served && w.r == w.w && w.parser.BetweenMessages() {
			c.phase.Store(phaseIdle) // an empty line behind a request begins no head (RFC 9112 2.2)
		}
		if err := c.flush(w); err != nil {
			return c.fail(err, http1.SendTimeout)
		}
		if recvs == recvsATurn && w.runner != nil {
			return loop.Again()
		}
		var deadline loop.Instant
		if w.runner == nil { // who has one cannot wait here
			deadline = c.restDeadline(w)
		}
		n, err := c.tr.recv(w.room(w.parser.Limits.BufferSize()), deadline)
		switch {
		case err == socket.ErrAgain:
			if c.phase.Load() == phaseIdle && c.srv.ring != nil {
				c.emit(trace.Event{Time: time.Now(), Verb: trace.Rest})
			}
			return loop.Rest(c.restDeadline(w))
		case err != nil:
			return c.recvFailed(w, err)
		case n == 0:
			c.eof = true
		default:
			c.arrived(w, n)
		}
	}
}

// arrived notes n bytes in the room, and when a request's first byte came.
func (c *conn) arrived(w *work, n int) {
	w.w += n
	if phase := c.phase.Load(); phase != phaseHead && phase != phaseProxy {
		if c.served {
			c.begins(w.now(), w.headTime)
		}
		c.phase.Store(phaseHead)
	}
}

// restDeadline is how long the connection may wait for its next bytes now.
func (c *conn) restDeadline(w *work) loop.Instant {
	if c.phase.Load() == phaseIdle {
		return w.now().After(w.idleTime)
	}
	return c.headDeadline
}

// begins notes when the first byte of a request came.
func (c *conn) begins(now loop.Instant, headTime time.Duration) {
	c.requestBegan, c.headDeadline = now, now.After(headTime)
}

// recvFailed ends a connection whose recv, between or inside heads, failed.
func (c *conn) recvFailed(w *work, err error) loop.Ending {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && c.phase.Load() == phaseProxy:
		return c.close(http1.ProxyHeaderTimeout)
	case errors.Is(err, os.ErrDeadlineExceeded) && c.srv.shutting.Load() && c.phase.Load() != phaseHead:
		return c.close(http1.ServerShutdown)
	case errors.Is(err, os.ErrDeadlineExceeded) && c.phase.Load() == phaseHead:
		return c.expireHead(w)
	case errors.Is(err, os.ErrDeadlineExceeded) && c.phase.Load() == phaseIdle:
		return c.close(http1.IdleTimeout)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return c.close(http1.HeadTimeout)
	}
	return c.fail(err, http1.KernelError)
}

// ended is a clean end: the peer sends no more, between two messages.
func (c *conn) ended(w *work) loop.Ending {
	reason := http1.PeerClosed
	if len(w.out) > 0 {
		reason = http1.PeerShutdown
	}
	if err := c.flush(w); err != nil {
		return c.fail(err, http1.SendTimeout)
	}
	return c.close(reason)
}

// lateError is a deadline that passed, with the reason why it was set.
type lateError struct {
	reason http1.CloseReason
	err    error
}

func (e *lateError) Error() string { return e.reason.String() + ": " + e.err.Error() }
func (e *lateError) Unwrap() error { return e.err }

// fail closes after an error of recv or send; late is what a passed deadline
// means here.
func (c *conn) fail(err error, late http1.CloseReason) loop.Ending {
	reason := http1.KernelError
	var l *lateError
	switch {
	case errors.As(err, &l):
		reason = l.reason
	case errors.Is(err, os.ErrDeadlineExceeded):
		reason = late
	case isReset(err):
		reason = http1.PeerReset
	case errors.Is(err, loop.ErrKilled), errors.Is(err, net.ErrClosed):
		reason = http1.ServerClosed
	default:
		if why, is := c.breaksTLS(err); is {
			reason = why
		}
	}
	return c.close(reason)
}
