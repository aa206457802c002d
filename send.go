package genkan

import (
	"errors"
	"os"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// flush sends what is queued, and waits for the peer to take it where it must.
func (c *conn) flush(w *work) error {
	if len(w.out) == 0 {
		w.sendBy = time.Time{}
		return nil
	}
	w.pace = pace{}
	if !w.sendBy.IsZero() || w.bound.at.Load() != nil {
		w.bound.set(w.sendBy)
	}
	err := c.sendAll(w, nil, w.out, false, &w.pace, &w.bound)
	w.out, w.sendBy = w.out[:0], time.Time{}
	return err
}

// sendAll hands all of b to the peer. ex is the request being handled, nil
// outside of one; before the first wait the baton is passed.
func (c *conn) sendAll(w *work, ex *exchange, b []byte, more bool, p *pace, hard *bound) error {
	c.spare()
	for len(b) > 0 || c.tr.unsent() {
		var began, deadline time.Time
		var tooSlow bool
		if w.runner == nil {
			began = time.Now()
			deadline, tooSlow = p.until(began, hard)
		}
		n, err := c.tr.send(b, more, deadline)
		b = b[n:]
		p.bytes += int64(n)
		if w.runner == nil {
			p.waited += time.Since(began) // over a net.Conn the send itself waits
		}
		if err == socket.ErrAgain {
			err = c.awaitRoom(w, ex, p, hard)
		} else if err != nil && tooSlow && errors.Is(err, os.ErrDeadlineExceeded) {
			err = &lateError{http1.SendTooSlow, err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// awaitRoom waits until the peer has taken something.
func (c *conn) awaitRoom(w *work, ex *exchange, p *pace, hard *bound) error {
	c.pass(w, ex)
	c.srv.waiting.Add(1)
	defer c.srv.waiting.Add(-1)
	began := time.Now()
	deadline, tooSlow := p.until(began, hard)
	err := c.tr.waitSend(deadline)
	took := time.Since(began)
	p.waited += took
	c.emit(trace.Event{Time: began, Took: took, Verb: trace.Wait, Note: "for room to send", Err: err})
	if tooSlow && errors.Is(err, os.ErrDeadlineExceeded) {
		return &lateError{http1.SendTooSlow, err}
	}
	return err
}

// pass gives the baton away, if it is here, because what follows waits.
func (c *conn) pass(w *work, ex *exchange) {
	switch {
	case ex != nil:
		ex.pass()
	case w.runner != nil && w.runner.Holds():
		w.runner.Pass()
		c.emit(trace.Event{Time: time.Now(), Verb: trace.Baton, Note: "passed on"})
	}
}

// spare has the kernel take little of the answer, once many connections wait
// for room. It would take megabytes of each (tcp_wmem), and what a thousand
// clients do not read is then more than all that it has for TCP (tcp_mem). For
// few the megabytes are welcome: fewer wake-ups, and no gaps.
func (c *conn) spare() {
	if !c.spares && c.srv.waiting.Load() >= waitMany {
		c.spares = true
		c.tr.takeLess()
	}
}
