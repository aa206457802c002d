package watch

import "github.com/genkan-http/genkan/trace"

// conn is what a printer remembers of one open connection.
type conn struct {
	in, out  hider // the bytes of its system calls
	inStart  int64 // where the next message begins, if that is known; else 0
	outStart int64

	requests int
	recv     body
	send     body
	sealed   bool // TLS: its calls move records, which nobody can read
	called   bool // some of its calls have been seen: its close will be, too
	rested   bool // "keeping it open" has been said
	closed   bool // "closed" has been said
}

// conn finds e's connection, or begins to remember it; nil for none.
func (p *Printer) conn(e *trace.Event) *conn {
	if e.Conn == 0 {
		return nil
	}
	c := p.conns[e.Conn]
	if c == nil {
		c = &conn{}
		p.conns[e.Conn] = c
	}
	c.called = c.called || e.IsCall()
	if !c.sealed && (e.Verb == trace.Decrypt || e.Verb == trace.Encrypt) {
		c.sealed = true
		c.in.restart(0)
		c.out.restart(0)
	}
	return c
}

// opaque: the event's bytes are records of TLS.
func (c *conn) opaque(e *trace.Event) bool { return c.sealed && e.IsCall() }

// end forgets the connection with the call that closes it, or with the reason
// if it is one whose calls nobody sees.
func (p *Printer) end(e *trace.Event, c *conn) {
	c.closed = true
	if e.IsCall() || !c.called {
		delete(p.conns, e.Conn)
	}
}

// messageAt learns from a head where a message begins: this one, if it is an
// answer, for it has not been sent yet; the next one, if it is a request whose
// body has a length. So a body that the ring did not keep casts no doubt on
// what follows it.
func (c *conn) messageAt(e *trace.Event) {
	switch e.Verb {
	case trace.Respond:
		c.outStart = e.Off
	case trace.Parse:
		c.inStart = 0
		if b := newBody(e, 0); b.size >= 0 && e.Err == nil {
			c.inStart = b.from + b.size
		}
	}
}
