package record

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

// take sees to one event of a connection. s.mu is held.
func (s *Store) take(c *connection, e *trace.Event) {
	switch e.Verb {
	case trace.Accept:
		c.peer = e.Note
		listener, _, _ := strings.Cut(e.Args, ",")
		c.local = s.locals[listener]
		s.tellConn(c)
		c.waiting = append(c.waiting, slim(e))
	case trace.Decrypt, trace.Encrypt:
		if !c.sealed {
			c.sealed = true
			c.pendingIn = nil // what came before were records of TLS
			if c.current != nil {
				c.current.TLS = true // HTTP/2, handed over before its first byte
			}
		}
		s.moved(c, e)
	case trace.Recv, trace.Send, trace.Sendfile:
		if c.sealed && e.IsCall() {
			s.keepEvent(c, e)
			return
		}
		s.moved(c, e)
	case trace.Parse:
		s.parsed(c, e)
	case trace.Respond:
		s.responds(c, e)
	case trace.Rest:
		s.keepEvent(c, e)
		s.settle(c)
		c.current = nil
	case trace.Close:
		s.closes(c, e)
	default:
		s.keepEvent(c, e)
	}
}

// slim is an event without its bytes, which are in a stream.
func slim(e *trace.Event) trace.Event {
	one := *e
	one.Data = nil
	return one
}

// keepEvent puts an event with the exchange that it belongs to: the one whose
// request was parsed last, or the next one.
func (s *Store) keepEvent(c *connection, e *trace.Event) {
	if c.current == nil {
		if len(c.waiting) < waitingMost {
			c.waiting = append(c.waiting, slim(e))
		}
		return
	}
	s.addEvent(c.current, slim(e))
	if e.Verb == trace.Handle {
		c.current.TookNS = max(c.current.TookNS, e.Time.Add(e.Took).Sub(c.current.Time).Nanoseconds())
		s.tell(c.current)
	}
}

func (s *Store) addEvent(x *exchange, e trace.Event) {
	if n := len(x.events); n > 0 && x.events[n-1].Seq == e.Seq && e.Seq != 0 {
		return
	}
	if len(x.events) >= eventsMost {
		x.cut++
		return
	}
	x.events = append(x.events, e)
	s.charge(x, int64(eventCost+len(e.Args)+len(e.Result)+len(e.Note)))
}

// moved puts bytes where they belong.
func (s *Store) moved(c *connection, e *trace.Event) {
	if e.Len == 0 {
		s.keepEvent(c, e)
		return
	}
	one := chunk{off: e.Off, len: int64(e.Len), data: e.Data, seq: e.Seq}
	if c.http2 && (c.current == nil || c.current.gone) {
		s.speaks2(c, e)
	}
	if e.Received() {
		if c.current == nil {
			s.await(c, one)
			s.keepEvent(c, e)
			return
		}
		s.addChunk(c.current, &c.current.received, one)
		c.current.In += one.len
		s.addEvent(c.current, slim(e))
		s.tell(c.current)
		return
	}
	s.sent(c, e, one)
}

// await keeps what was received before its request is known. A head may come a
// byte at a time, on each of many connections: so this is bounded by itself.
func (s *Store) await(c *connection, one chunk) {
	if room := s.o.StreamBytes - c.pendingIn.kept(); int64(len(one.data)) > room {
		one.data = one.data[:max(room, 0)]
	}
	if n := len(c.pendingIn); n >= waitingMost {
		c.pendingIn[n-1].len += one.len // its bytes are not kept
		return
	}
	c.pendingIn = append(c.pendingIn, one)
}

// sent divides what a call has sent among the exchanges whose answers it
// holds: each begins where a Respond event said.
func (s *Store) sent(c *connection, e *trace.Event, one chunk) {
	s.answersItself(c, e)
	owned := false
	to := int64(1) << 62
	for i := len(c.exchanges) - 1; i >= 0 && to > one.off; i-- {
		x := c.exchanges[i]
		if len(x.answers) == 0 {
			continue
		}
		from := x.answers[0]
		if part, some := one.within(from, to); some {
			owned = true
			s.addChunk(x, &x.sent, part)
			x.Out += part.len
			x.TookNS = max(x.TookNS, e.Time.Add(e.Took).Sub(x.Time).Nanoseconds())
			s.addEvent(x, slim(e))
			s.tell(x)
		}
		to = from
	}
	if !owned {
		s.keepEvent(c, e)
	}
}

// answersItself sees who took a connection, a proxy for one, write its answer
// past the server: no Respond event tells where that begins.
func (s *Store) answersItself(c *connection, e *trace.Event) {
	x := c.current
	if c.http2 || !c.taken || x == nil || len(x.answers) > 0 {
		return
	}
	x.answers = append(x.answers, e.Off)
	line, _, _ := bytes.Cut(e.Data, []byte("\r\n"))
	if bytes.HasPrefix(line, []byte("HTTP/")) {
		x.Status, x.responded = statusOf(string(line)), true
		x.Type = fieldOf(e.Data, "content-type")
	}
}

// addChunk keeps as many of the bytes as the bounds allow.
func (s *Store) addChunk(x *exchange, to *stream, one chunk) {
	if x.gone {
		return // nobody can ask for it
	}
	if room := s.o.StreamBytes - to.kept(); int64(len(one.data)) > room {
		one.data = one.data[:max(room, 0)]
	}
	if n := len(*to); n > 0 && len(one.data) == 0 && len((*to)[n-1].data) == 0 {
		(*to)[n-1].len += one.len // of what is not kept, the number is enough
		return
	}
	*to = append(*to, one)
	s.charge(x, int64(len(one.data))+64)
}

// parsed begins an exchange: with the bytes from the head on, and the calls
// that brought them.
func (s *Store) parsed(c *connection, e *trace.Event) {
	at := e.Time
	var mine stream
	var calls []trace.Event
	if before := c.current; before != nil {
		before.received, mine = before.received.split(e.Off)
		before.In -= mine.size()
		before.inEnd = e.Off
		s.charge(before, -mine.kept())
		for i := range before.events {
			if one := &before.events[i]; one.Received() && one.Verb != trace.Parse && one.Len > 0 && one.Off+int64(one.Len) > e.Off {
				calls = append(calls, *one)
			}
		}
		s.finish(before)
	} else {
		_, mine = c.pendingIn.split(e.Off)
		calls = c.waiting
	}
	c.pendingIn, c.waiting = nil, nil
	for i := range calls {
		if calls[i].Received() && calls[i].Len > 0 {
			at = calls[i].Time
			break
		}
	}
	x := s.begin(c, at)
	c.current = x
	for _, one := range mine {
		s.addChunk(x, &x.received, one)
		x.In += one.len
	}
	for i := range calls {
		s.addEvent(x, calls[i])
	}
	s.addEvent(x, slim(e))
	x.headOff = e.Off
	s.understood(x, e)
	s.tell(x)
	s.tellConn(c)
}

// understood fills in what the event says of the request.
func (s *Store) understood(x *exchange, e *trace.Event) {
	var breach *http1.Error
	if errors.As(e.Err, &breach) {
		x.State, x.Rule, x.Reason = Refused, breach.Rule.ID, breach.Reason
		x.refused = &Refusal{
			Status: breach.Status, Rule: breach.Rule.ID, Section: breach.Rule.Source, URL: http1.SourceURL(breach.Rule.Source),
			Sentence: breach.Rule.Text, Offset: breach.Offset, Reason: breach.Reason,
		}
		return
	}
	words := strings.Split(e.Note, " ")
	if len(words) == 3 {
		x.Method, x.Target, x.Proto = words[0], words[1], words[2]
	}
	x.Host = fieldOf(e.Data, "host")
	x.ReqTyp = fieldOf(e.Data, "content-type")
}

// responds notes where an answer begins, in the order of the requests.
func (s *Store) responds(c *connection, e *trace.Event) {
	x := c.current
	if x == nil {
		return // its request is not kept
	}
	s.addEvent(x, slim(e))
	x.answers = append(x.answers, e.Off)
	status := statusOf(e.Note)
	if status >= 200 || status == 101 {
		x.Status, x.responded = status, true
		x.Type = fieldOf(e.Data, "content-type")
	}
	if status == 101 {
		x.State = Upgraded
	}
	s.tell(x)
}

// settle ends the exchanges of a connection that rests.
func (s *Store) settle(c *connection) {
	if x := c.current; x != nil {
		s.finish(x)
	}
}

// finish says how an exchange has ended, once.
func (s *Store) finish(x *exchange) {
	if x.State != Open {
		return
	}
	x.State = Done
	if !x.responded {
		x.State = Aborted
	}
	s.tell(x)
}

// closes notes the reason. What was taken from the server goes on, as whatever
// it is then, until it is closed by who took it.
func (s *Store) closes(c *connection, e *trace.Event) {
	s.keepEvent(c, e)
	switch {
	case e.Note == http1.HandedToHTTP2.String():
		c.taken, c.http2, c.closed = true, true, time.Time{}
		s.begins2(c, e)
		s.tellConn(c)
		return
	case e.Note == http1.Hijacked.String():
		c.taken, c.closed = true, time.Time{} // what was closed before was the server's descriptor, not its copy
		if x := c.current; x != nil && (x.State == Open || x.State == Aborted) {
			x.State, x.Reason = Upgraded, ""
			s.tell(x)
		}
		s.tellConn(c)
		return
	case c.taken && e.IsCall():
		return // the descriptor that the server had
	}
	if c.closed.IsZero() {
		c.closed = e.Time
	}
	if e.Note != "" {
		c.reason = e.Note
	}
	if n := len(c.exchanges); n > 0 {
		x := c.exchanges[n-1]
		if x.Reason == "" {
			x.Reason = c.reason
		}
		s.finish(x)
		s.tell(x)
	}
	s.tellConn(c)
	if c.over() {
		delete(s.conns, c.number)
	}
}
