package genkan

import (
	"sync"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
)

// work is what a connection needs only while it is being worked on: its
// buffers and its parser. It belongs to the goroutine (loop.Runner.Scratch),
// not to the connection, so that a connection at rest holds none of it.
type work struct {
	srv    *Server
	runner *loop.Runner // nil on a goroutine of the connection's own
	parser http1.RequestParser

	headTime, idleTime time.Duration // of srv

	in   []byte // received: in[r:w] is not parsed yet
	r, w int

	out    []byte    // to be sent: answers, in order
	sendBy time.Time // from WriteTimeout, of the last of them, or none
	pace   pace      // of what flush sends
	bound  bound     // sendBy, as flush needs it

	body []byte // of the answer being made, until it is known how it is framed
	head []byte // the fields that the handler set, as they will be sent
	set  []setField
}

// setField is one entry of the handler's map of fields.
type setField struct {
	key    string
	values []string
}

var works = sync.Pool{New: func() any {
	return &work{in: make([]byte, inBuffer), body: make([]byte, 0, bodyBuffer), out: make([]byte, 0, 2*bodyBuffer)}
}}

// workOf is the work of a runner's goroutine.
func workOf(r *loop.Runner) *work {
	w, ok := r.Scratch.(*work)
	if !ok {
		w = works.Get().(*work)
		r.Scratch = w
	}
	w.runner = r
	return w
}

// serves makes the work fit for connections of this server.
func (w *work) serves(srv *Server) {
	if w.srv != srv {
		w.srv = srv
		w.parser.Limits = srv.limits()
		w.headTime, w.idleTime = srv.headTime(), srv.idleTime()
	}
}

// dropWork gives back what a parked goroutine does not need.
func dropWork(scratch any) {
	w := scratch.(*work)
	w.runner, w.srv = nil, nil
	w.forget()
	if cap(w.in) > inBuffer || cap(w.out) > 2*outBuffer {
		return // grown for somebody's sake; not a size to keep
	}
	works.Put(w)
}

// now is the time, read once for all that one look at the poller found ready.
func (w *work) now() loop.Instant {
	if w.runner != nil {
		return w.runner.Now()
	}
	return loop.InstantOf(time.Now())
}

// unparsed is what was received and not parsed yet.
func (w *work) unparsed() []byte { return w.in[w.r:w.w] }

// message is what is here of the message that is being parsed or has just been,
// from its first byte on, and of what came behind it.
func (w *work) message() []byte {
	return w.in[max(w.r-int(w.parser.Advanced()), 0):w.w]
}

// room makes room for more bytes behind the unparsed ones, and returns it.
// most is how many must fit.
func (w *work) room(most int) []byte {
	switch {
	case w.r == w.w:
		w.r, w.w = 0, 0
	case w.w == len(w.in) && w.r > 0:
		w.w = copy(w.in, w.in[w.r:w.w])
		w.r = 0
	case w.w == len(w.in):
		grown := make([]byte, min(2*len(w.in), max(most, len(w.in)+1)))
		copy(grown, w.in)
		w.in = grown
	}
	return w.in[w.w:]
}

// held is what a connection keeps of its work while it rests in the middle of
// a head: the bytes, and how far the parser has got.
type held struct {
	bytes  []byte
	parser http1.RequestParser
}

// restore takes up where hold left off.
func (w *work) restore(h *held) {
	w.parser = h.parser
	if len(h.bytes) > len(w.in) {
		w.in = make([]byte, len(h.bytes)+inBuffer)
	}
	w.r, w.w = 0, copy(w.in, h.bytes)
}

// hold puts aside what is unfinished; nil if nothing is. An empty line is
// allowed once (RFC 9112 2.2), so even that is remembered.
func (w *work) hold(h *held) *held {
	if w.r == w.w && w.parser.Untouched() {
		// The parser is where it begins. The last head stays in it until the next,
		// or until the goroutine parks: to clear it each time costs a fiftieth of a
		// request with a browser's fields.
		w.r, w.w = 0, 0
		w.out, w.sendBy = w.out[:0], time.Time{}
		return nil
	}
	if h == nil {
		h = new(held)
	}
	h.bytes = append(h.bytes[:0], w.in[w.r:w.w]...)
	// The parser goes with its memory, which no other connection may write to.
	h.parser = w.parser
	w.parser = http1.RequestParser{Limits: w.parser.Limits}
	w.r, w.w = 0, 0
	return h
}

// take is a copy of what is not parsed, for who goes on with it elsewhere.
func (w *work) take() []byte {
	taken := append([]byte(nil), w.unparsed()...)
	w.r, w.w = 0, 0
	return taken
}

// forget drops what a connection has left behind that is closed: none of it
// may be taken for the next one's.
func (w *work) forget() {
	w.parser.Reset()
	clear(w.set)
	w.r, w.w = 0, 0
	w.out, w.sendBy = w.out[:0], time.Time{}
}
