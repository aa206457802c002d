package genkan

import (
	"net/http"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// close is the end of the connection, for this reason.
func (c *conn) close(reason http1.CloseReason) loop.Ending {
	c.phase.Store(phaseClosed)
	c.reason = reason
	if c.srv.ring != nil {
		c.emit(trace.Event{Time: time.Now(), Verb: trace.Close, Note: reason.String()})
	}
	c.tr.close()
	c.setState(http.StateClosed)
	c.srv.forget(c)
	return loop.Closed()
}

// closeAfterAnswer ends the connection in good order once an answer that ends
// it has been queued: send it, and close. If the peer may still be sending, a
// plain close would make the kernel answer with a reset, and a reset may
// overtake the answer (RFC 9112 9.6). Then: end our sending side, throw away
// what still comes, within bounds, and close.
func (c *conn) closeAfterAnswer(w *work, reason http1.CloseReason, moreToCome bool) loop.Ending {
	if err := c.flush(w); err != nil {
		return c.fail(err, http1.SendTimeout)
	}
	if c.eof || !moreToCome && w.r == w.w {
		return c.close(reason)
	}
	w.r, w.w = 0, 0
	w.parser.Reset()
	c.reason = reason
	c.linger = lingerMost
	c.headDeadline = loop.InstantOf(time.Now()).After(lingerTimeout)
	c.phase.Store(phaseLinger)
	if err := c.tr.shutdown(); err != nil {
		return c.close(reason)
	}
	return c.lingerOn(w)
}

// lingerOn throws away what arrives after the last answer.
//
// At its bound it reads no more, but does not close yet, either: the peer's
// window fills, it stops sending, and finds the answer.
func (c *conn) lingerOn(w *work) loop.Ending {
	for c.linger > 0 {
		n, err := c.tr.recv(w.in, c.headDeadline)
		c.linger -= n
		switch {
		case err == socket.ErrAgain:
			return loop.Rest(c.headDeadline)
		case err != nil, n == 0:
			return c.close(c.reason)
		case c.linger <= 0:
			c.headDeadline = min(c.headDeadline, loop.InstantOf(time.Now()).After(lingerUnread))
		}
	}
	if c.tr.gone() || !c.tr.ignore(c.headDeadline) {
		return c.close(c.reason)
	}
	return loop.Rest(c.headDeadline)
}

// lingerHere lingers, if the connection does, on a goroutine that ends and has
// no turn to return from.
func (c *conn) lingerHere(w *work) {
	for c.phase.Load() == phaseLinger {
		c.pass(w, nil)
		if err := c.tr.waitRecv(c.headDeadline.Time()); err != nil {
			c.close(c.reason)
			return
		}
		c.lingerOn(w)
	}
}

// visitIdle closes the connection if it rests between requests; its caller
// owns it. Before its first request a connection gets the time that one takes
// to arrive.
func (c *conn) visitIdle(reason http1.CloseReason) loop.Ending {
	switch c.phase.Load() {
	case phaseIdle:
		return c.close(reason)
	case phaseNew:
		if time.Since(c.requestBegan.Time()) > newConnGrace {
			return c.close(reason)
		}
	}
	return loop.Rest(c.Conn.Deadline())
}

// newConnGrace is how long a connection that was accepted just before a
// shutdown may take to ask (as http.Server has it).
const newConnGrace = 5 * time.Second

// forget takes a connection on a goroutine of its own off the server's list.
func (srv *Server) forget(c *conn) {
	if _, ok := c.tr.(*netTransport); ok {
		srv.mu.Lock()
		delete(srv.direct, c)
		srv.mu.Unlock()
	}
}

// emit reports an event of this connection to who watches.
func (c *conn) emit(ev trace.Event) {
	ring := c.srv.ring
	if ring == nil {
		return
	}
	ev.Conn = c.number
	ev.FD = c.tr.descriptor()
	ring.Emit(ev)
}
