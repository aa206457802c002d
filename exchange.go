package genkan

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// exchange is one request and its answer. It is made anew for each, in one
// piece with what a handler may keep: nothing of it is used again. It is small,
// because most of what a quick request costs beyond the kernel's work is memory
// that is cleared, and looked at by the collector.
type exchange struct {
	c    *conn
	w    *work // the goroutine's; not to be used once done
	req  http.Request
	url  url.URL
	ctx  requestContext
	body *requestBody // nil: the request has none
	res  response

	turn     loop.Turn   // the stay inside the handler
	passed   atomic.Bool // we gave the baton away ourselves
	done     atomic.Bool // the handler has returned
	apart    bool        // it has taken the connection, or tried to: nobody waits for it
	writeBy  bound       // from WriteTimeout
	sendPace pace

	// outMu guards the answer: work.out, work.body and work.head, until done is
	// set under it.
	outMu   sync.Mutex
	expects bool
}

// how a handler ended
type handled uint8

const (
	exited handled = iota // runtime.Goexit, as long as nobody says otherwise
	returned
	panicked
	aborted // http.ErrAbortHandler
)

// serve runs the handler for the head that the parser has just read, and ends
// the exchange. False: the connection ends with it, as the Ending says.
func (c *conn) serve(w *work) (end loop.Ending, goOn bool) {
	head := &w.parser.Request
	c.phase.Store(phaseActive)
	ex, room := newExchange(c, w, head)
	ex.expects = head.Expect100
	if c.srv.WriteTimeout > 0 {
		ex.writeBy.set(w.now().After(c.srv.WriteTimeout).Time())
	}
	ex.res.begin(ex, head)
	req, err := c.request(ex, head, room)
	if err != nil {
		return c.refuse(w, err), false
	}
	c.emitParse(w, head)
	c.setState(http.StateActive)
	c.served = true
	c.current.Store(ex)
	if c.tr.gone() {
		ex.ctx.cancel(context.Canceled)
	}
	how, ok := c.dispatch(w, ex, req)
	c.current.Store(nil)
	if !ok {
		return c.fail(ex.res.err, http1.SendTimeout), false
	}
	return c.conclude(w, ex, how)
}

// dispatch runs the handler, on this goroutine, with the baton if requests of
// this kind have been quick, else without. False: earlier answers could not be
// sent, and the connection is broken.
func (c *conn) dispatch(w *work, ex *exchange, req *http.Request) (handled, bool) {
	r := w.runner
	if r == nil {
		return c.handle(ex, req), true
	}
	g := c.Group()
	key := routeKey(req.Method, req.URL.Path)
	likely, known := r.Blocks(key)
	if likely || !known {
		// Earlier answers of this connection must not wait for a slow handler.
		if err := c.flush(w); err != nil {
			ex.res.err = err
			return 0, false
		}
		ex.res.outBegin = 0
	}
	if likely {
		c.pass(w, nil)
	}
	ex.turn = r.Enter(key)
	// From here, and not from before: Enter lets others run first who are ready,
	// and their time would keep this kind of request among the slow ones for ever.
	var began time.Time
	if likely {
		began = time.Now()
	}
	how := c.handle(ex, req)
	lost := r.Leave(ex.turn)
	switch {
	case lost && !ex.passed.Load():
		c.emit(trace.Event{Time: time.Now(), Verb: trace.Baton, Note: "taken by the watchman: the handler blocked"})
	case likely:
		g.Learn(key, time.Since(began) > quickHandler)
	case !known:
		g.Learn(key, false)
	}
	return how, true
}

// quickHandler is what a handler may take without being worth a hand-over.
const quickHandler = 500 * time.Microsecond

// handle calls the handler. It survives a panic, and sees to the connection if
// the handler ends the goroutine (runtime.Goexit), after which nothing else of
// ours runs on it.
func (c *conn) handle(ex *exchange, req *http.Request) (how handled) {
	var began time.Time
	if c.srv.ring != nil {
		began = time.Now()
	}
	defer func() {
		if how == exited {
			how = c.recovered(ex, req, recover())
		}
		ex.outMu.Lock()
		ex.done.Store(true)
		ex.outMu.Unlock()
		ex.ctx.cancel(context.Canceled)
		if c.srv.ring != nil {
			c.emit(trace.Event{Time: began, Took: time.Since(began), Verb: trace.Handle, Note: req.Pattern})
		}
		if ex.apart {
			c.srv.hijackers.Add(-1)
		}
		if how == exited && !ex.res.hijacked {
			if r := ex.w.runner; r != nil {
				r.Leave(ex.turn)
			}
			c.current.Store(nil)
			ex.endBody()
			c.cut(ex.w, ex, http1.HandlerExited)
			c.lingerHere(ex.w)
		}
	}()
	c.srv.answer(&ex.res, req)
	return returned
}

// recovered sorts out how a handler that did not return has ended.
func (c *conn) recovered(ex *exchange, req *http.Request, v any) handled {
	switch v {
	case nil:
		return exited
	case http.ErrAbortHandler:
		return aborted
	}
	stack := make([]byte, 64<<10)
	stack = stack[:runtime.Stack(stack, false)]
	c.srv.report(slog.LevelError, "a handler panicked", "genkan: panic serving %v: %v\n%s",
		slog.String("peer", c.remoteAddr()), slog.Any("panic", v), slog.String("stack", string(stack)))
	return panicked
}

// pass gives the baton away from inside the handler.
func (ex *exchange) pass() {
	if ex.turn.Pass() {
		ex.passed.Store(true)
		ex.c.emit(trace.Event{Time: time.Now(), Verb: trace.Baton, Note: "passed on: the handler waits for the peer"})
	}
}

// conclude ends the exchange after the handler: the rest of the answer, the
// rest of the body, and whether the connection goes on.
func (c *conn) conclude(w *work, ex *exchange, how handled) (end loop.Ending, goOn bool) {
	unread := ex.endBody() // from here on the body, and the work, are ours alone
	if ex.res.hijacked {
		return loop.Closed(), false // for the server, since then
	}
	switch how {
	case panicked:
		return c.cut(w, ex, http1.HandlerPanicked), false
	case aborted:
		return c.cut(w, ex, http1.HandlerAborted), false
	}
	if err := ex.res.err; err != nil {
		return c.fail(err, http1.SendTimeout), false // a peer that took nothing has nothing to linger for
	}
	if by := ex.writeBy.get(); !by.IsZero() {
		if !time.Now().Before(by) {
			return c.cut(w, ex, http1.SendTimeout), false
		}
		w.sendBy = by
	}
	res := &ex.res
	failed := ex.bodyFailed()
	if failed != http1.NotClosed || unread && (ex.body == nil || ex.body.withheld() || ex.body.left() > unreadMost) {
		res.closing = true // known before the head is written, if it is not yet
	}
	if err := res.finish(); err != nil {
		return c.fail(err, http1.SendTimeout), false
	}
	if res.short() {
		return c.cut(w, ex, http1.AnswerTooShort), false
	}
	if failed != http1.NotClosed {
		c.bodyRefused(w, ex.body.err)
		return c.closeAfterAnswer(w, failed, true), false
	}
	if unread && ex.body != nil && ex.body.withheld() {
		return c.closeAfterAnswer(w, http1.ExpectationUnread, true), false
	}
	if unread {
		if reason := c.drain(w, ex); reason != http1.NotClosed {
			return c.closeAfterAnswer(w, reason, true), false
		}
	}
	if reason := res.closeReason(); reason != http1.NotClosed {
		return c.closeAfterAnswer(w, reason, c.mayBeSending()), false
	}
	if len(w.out) >= outBuffer {
		if err := c.flush(w); err != nil {
			return c.fail(err, http1.SendTimeout), false
		}
	}
	c.setState(http.StateIdle)
	c.phase.Store(phaseIdle)
	if w.r < w.w { // the next request is here already
		c.phase.Store(phaseHead)
		c.begins(w.now(), w.headTime)
	}
	return loop.Ending{}, true
}

// cut ends the connection in the middle of an answer, so that nobody takes it
// for whole. What was queued before it is sent.
func (c *conn) cut(w *work, ex *exchange, reason http1.CloseReason) loop.Ending {
	if !ex.res.headSent {
		w.out = w.out[:ex.res.outBegin]
	}
	if !ex.res.untilClose {
		// Earlier answers must not be lost to a reset.
		return c.closeAfterAnswer(w, reason, c.mayBeSending())
	}
	// The end of the connection would be the end of this answer: only a reset
	// says that it is not whole (RFC 9112 8).
	if err := c.flush(w); err != nil {
		return c.fail(err, http1.SendTimeout)
	}
	c.tr.resetOnClose()
	return c.close(reason)
}

// drain reads the rest of a body that the handler left, within bounds. If it
// does not come to the body's end, the connection has to end, for this reason.
func (c *conn) drain(w *work, ex *exchange) http1.CloseReason {
	if ex.body == nil {
		return http1.UnreadBody
	}
	var by bound
	by.set(time.Now().Add(unreadTimeout))
	for left := int64(unreadMost); ; {
		n, ev, err := w.parser.Next(w.unparsed(), c.eof)
		w.r += n
		left -= int64(len(ev.Data))
		switch {
		case err != nil:
			c.bodyRefused(w, err)
			if c.eof {
				return http1.PeerClosed
			}
			return http1.Refused
		case left < 0:
			return http1.UnreadBody
		case ev.Kind == http1.EventEnd:
			return http1.NotClosed
		case ev.Kind == http1.EventNeedMore:
			if len(w.out) > 0 && c.flush(w) != nil {
				return http1.UnreadBody
			}
			if ex.body.fill(&by, true) != nil {
				return http1.UnreadBody
			}
		}
	}
}

// mayBeSending says whether the peer may have sent, or be sending, more than
// was asked of it.
func (c *conn) mayBeSending() bool {
	_, direct := c.tr.(*netTransport)
	return direct || c.Readable()
}
