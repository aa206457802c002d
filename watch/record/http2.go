package record

import (
	"bytes"

	"github.com/genkan-http/genkan/trace"
)

// A connection that speaks HTTP/2 is one exchange: its requests and answers
// share two streams of frames, and the fields of each may refer to those of the
// ones before. So it is kept from its first byte on, as far as the bounds allow.
//
// An exchange that was cleared or made room begins again with what comes next.
// Its frames are there then, but not their fields.

// preface is how HTTP/2 begins, RFC 9113 3.4.
var preface = []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

// begins2 begins the exchange of a connection that the server has handed over,
// with what it had received by then: the preface and what came with it, or,
// inside TLS, nothing that counts.
func (s *Store) begins2(c *connection, e *trace.Event) {
	x := s.speaks2(c, e)
	before, mine := c.pendingIn, stream(nil)
	c.pendingIn = nil
	if len(before) > 0 {
		if at := bytes.Index(before.all(), preface); at >= 0 {
			_, mine = before.split(before[0].off + int64(at))
		}
	}
	for _, one := range mine {
		s.addChunk(x, &x.received, one)
		x.In += one.len
	}
	s.addEvent(x, slim(e))
	s.tell(x)
}

// speaks2 begins an exchange with the connection's next bytes.
func (s *Store) speaks2(c *connection, e *trace.Event) *exchange {
	at := e.Time
	for i := range c.waiting {
		if c.waiting[i].Received() && c.waiting[i].Len > 0 {
			at = c.waiting[i].Time
			break
		}
	}
	x := s.begin(c, at)
	x.State, x.Method, x.Target, x.Proto = HTTP2, "PRI", "*", "HTTP/2.0"
	x.answers = []int64{0} // all that is sent from now on is its own
	for i := range c.waiting {
		s.addEvent(x, c.waiting[i])
	}
	c.current, c.waiting = x, nil
	s.tellConn(c)
	return x
}

// Frames is the bytes of both sides of an HTTP/2 connection, secrets too.
type Frames struct {
	Received, Sent Side
}

// Side is what one side of a connection has said, as far as it is kept without a
// gap.
type Side struct {
	Off    int64 // from the connection's first byte
	Bytes  []byte
	Begins bool // with the first frame, or the preface
}

// Frames is the bytes of an exchange that is HTTP/2; false: it is not, or not
// kept.
func (s *Store) Frames(id uint64) (f Frames, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil || x.State != HTTP2 {
		return f, false
	}
	return x.frames(), true
}

func (x *exchange) frames() (f Frames) {
	f.Received = side(x.received)
	f.Sent = side(x.sent)
	f.Received.Begins = bytes.HasPrefix(f.Received.Bytes, preface)
	f.Sent.Begins = f.Sent.Off == 0
	return f
}

func side(in stream) (s Side) {
	if len(in) > 0 {
		s.Off, s.Bytes = in[0].off, in.all()
	}
	return s
}

// hidden2 is the ranges of both streams that are hidden. What comes after a gap
// is: nobody can tell where its frames begin.
func (s *Store) hidden2(x *exchange) (in, out [][2]int64) {
	f := x.frames()
	return s.hiddenSide(f.Received, x.received), s.hiddenSide(f.Sent, x.sent)
}

func (s *Store) hiddenSide(one Side, in stream) (ranges [][2]int64) {
	if len(in) == 0 {
		return nil
	}
	for _, r := range s.o.HTTP2(one.Bytes, one.Begins) {
		ranges = append(ranges, [2]int64{one.Off + r[0], one.Off + r[1]})
	}
	last := in[len(in)-1]
	return append(ranges, [2]int64{one.Off + int64(len(one.Bytes)), last.off + last.len})
}
