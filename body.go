package genkan

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// requestBody is the Body of a request. It reads from the connection what the
// handler asks for and no more, so a handler that does not read makes the peer
// wait (back-pressure). Read may be called by any goroutine, also one that
// outlives the handler: it then gets http.ErrBodyReadAfterClose.
type requestBody struct {
	ex *exchange

	mu      sync.Mutex
	pending []byte // of the last event, not handed out yet: a slice of the work's buffer
	atEnd   bool
	err     error // what ended it
	failed  http1.CloseReason
	said100 bool  // guarded by the exchange's outMu
	readBy  bound // from ReadTimeout
	pace    pace
	length  int64 // -1: chunked
	read    int64

	closing atomic.Bool // the exchange ends: whoever waits in Read shall stop
}

func (b *requestBody) begin(ex *exchange, head *http1.Request, readBy time.Time) {
	b.ex, b.length = ex, head.ContentLength
	if !readBy.IsZero() {
		b.readBy.set(readBy)
	}
}

// Read is io.Reader. io.ErrUnexpectedEOF: the peer ended inside its body.
func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		switch {
		case b.closing.Load():
			return 0, http.ErrBodyReadAfterClose
		case len(b.pending) > 0:
			n := copy(p, b.pending)
			b.pending = b.pending[n:]
			b.read += int64(n)
			if len(b.pending) > 0 || b.read != b.length {
				return n, nil
			}
			// The last byte of a known length: say so at once, as net/http does.
			if b.next() == nil && b.atEnd {
				return n, io.EOF
			}
			return n, nil
		case b.atEnd:
			return 0, io.EOF
		case b.err != nil:
			return 0, b.failure()
		case len(p) == 0:
			return 0, nil
		}
		if err := b.next(); err != nil {
			return 0, err
		}
	}
}

// Close is io.Closer. What is unread is the server's business: it is read away
// after the handler, within bounds.
func (b *requestBody) Close() error {
	b.closing.Store(true)
	return nil
}

// next parses the next piece of the body, waiting for it if it must.
func (b *requestBody) next() error {
	c, w := b.ex.c, b.ex.w
	for {
		n, ev, err := w.parser.Next(w.unparsed(), c.eof)
		w.r += n
		switch {
		case err != nil:
			b.err, b.failed = err, http1.Refused
			if c.eof {
				b.failed = http1.PeerClosed
			}
			return b.failure()
		case ev.Kind == http1.EventBody:
			b.pending = ev.Data
			return nil
		case ev.Kind == http1.EventEnd:
			b.atEnd = true
			b.ex.ctx.bodyRead()
			b.trailers(w.parser.Request.Trailers)
			return nil
		}
		if err := b.say100(); err != nil {
			b.err, b.failed = err, http1.KernelError
			return err
		}
		if err := b.fill(&b.readBy, false); err != nil {
			b.err = err
			return err
		}
	}
}

// failure is what Read says of err: a breach, except that an end which comes too
// early has a name that every reader knows.
func (b *requestBody) failure() error {
	if b.failed == http1.PeerClosed {
		return io.ErrUnexpectedEOF
	}
	return b.err
}

// trailers hands over what came after the last chunk.
func (b *requestBody) trailers(fields []http1.Field) {
	if len(fields) == 0 {
		return
	}
	req := &b.ex.req
	if req.Trailer == nil {
		req.Trailer = make(http.Header, len(fields))
	}
	for _, f := range fields {
		name := http1.CanonicalName(f.Name)
		req.Trailer[name] = append(req.Trailer[name], f.Value)
	}
}

// fill brings more bytes, waiting for them at most until hard (or none) and as
// long as the pace of the body allows. When it is not draining it also ends
// with the exchange.
func (b *requestBody) fill(hard *bound, draining bool) error {
	c, w := b.ex.c, b.ex.w
	for {
		began := time.Now()
		deadline, tooSlow := b.pace.until(began, hard)
		n, err := c.tr.recv(w.room(w.parser.Limits.BufferSize()), loop.InstantOf(deadline))
		if err == socket.ErrAgain {
			if draining {
				c.pass(w, nil)
			} else {
				b.ex.pass()
			}
			err = c.tr.waitRecv(deadline)
			took := time.Since(began)
			b.pace.waited += took
			c.emit(trace.Event{Time: began, Took: took, Verb: trace.Wait, Note: "for the body", Err: err})
			if err == nil && (draining || !b.closing.Load()) {
				continue
			}
		} else if w.runner == nil {
			b.pace.waited += time.Since(began)
		}
		switch {
		case !draining && b.closing.Load() && n <= 0:
			return http.ErrBodyReadAfterClose
		case err == nil && n == 0:
			c.eof = true
		case err == nil:
			w.w += n
			b.pace.bytes += int64(n)
		case errors.Is(err, os.ErrDeadlineExceeded) && tooSlow:
			b.failed = http1.BodyTooSlow
		case errors.Is(err, os.ErrDeadlineExceeded):
			b.failed = http1.BodyTimeout
		case isReset(err):
			b.failed = http1.PeerReset
		case errors.Is(err, loop.ErrKilled), errors.Is(err, net.ErrClosed):
			b.failed = http1.ServerClosed
		default:
			b.failed = http1.KernelError
		}
		return err
	}
}

// say100 tells a client that waits for it to send its body, on the first read
// that finds none (RFC 9110 10.1.1).
func (b *requestBody) say100() error {
	ex := b.ex
	if !ex.expects {
		return nil
	}
	ex.outMu.Lock()
	defer ex.outMu.Unlock()
	if ex.done.Load() || b.said100 || ex.res.headSent {
		return nil // answered first; a 100 would come too late
	}
	b.said100 = true
	w := ex.w
	begin := len(w.out)
	w.out = append(w.out, "HTTP/1.1 100 Continue\r\n\r\n"...)
	ex.c.emitRespond(w, begin, http.StatusContinue)
	err := ex.c.sendAll(w, ex, w.out, false, &ex.sendPace, &ex.writeBy)
	w.out = w.out[:0]
	ex.res.outBegin = 0
	return err
}

// endBody ends reading, also by a goroutine that is waiting for bytes at this
// moment. It says whether some of the body was not read from the connection;
// where there is none, never.
func (ex *exchange) endBody() (unread bool) {
	if ex.body == nil {
		// Its end is still the parser's to say.
		w := ex.w
		n, ev, _ := w.parser.Next(w.unparsed(), ex.c.eof)
		w.r += n
		return ev.Kind != http1.EventEnd
	}
	ex.body.stop()
	return !ex.body.atEnd
}

// bodyFailed is why the body could not be read, if it could not.
func (ex *exchange) bodyFailed() http1.CloseReason {
	if ex.body == nil {
		return http1.NotClosed
	}
	return ex.body.failed
}

// stop ends reading: whoever waits in Read returns, and nobody reads again. It
// returns what was parsed and not read.
func (b *requestBody) stop() (unread []byte) {
	b.closing.Store(true)
	for !b.mu.TryLock() {
		b.ex.c.tr.nudge()
		time.Sleep(50 * time.Microsecond) // its reader is on its way out
	}
	defer b.mu.Unlock()
	unread, b.pending = b.pending, nil
	return unread
}

// withheld says that the client holds the body back for a 100 that it has not
// been sent: then what follows on the connection may be the body or not.
func (b *requestBody) withheld() bool {
	return b.ex.expects && !b.said100 && b.ex.w.r == b.ex.w.w
}

// left is how much of a body of known length has not been received.
func (b *requestBody) left() int64 {
	if b.length < 0 {
		return 0
	}
	return b.length - b.read - int64(b.ex.w.w-b.ex.w.r)
}
