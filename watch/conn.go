package watch

import (
	"bytes"

	"github.com/genkan-http/genkan/trace"
)

// conn is what a printer remembers of one open connection.
type conn struct {
	in, out  hider // the bytes of its system calls
	inStart  int64 // where the next message begins, if that is known; else 0
	outStart int64

	requests int
	recv     body
	send     body
	sealed   bool   // TLS: its calls move records, which nobody can read
	called   bool   // some of its calls have been seen: its close will be, too
	rested   bool   // "keeping it open" has been said
	closed   bool   // "closed" has been said
	http2    bool   // frames, whose compressed fields nobody here can read
	handed   bool   // to the engine of HTTP/2: it goes on until that closes it
	doubtful bool   // events were lost: it may be HTTP/2
	begins   []byte // the last of what was received, while it may be the preface of HTTP/2
}

// handedToHTTP2 is the reason with which the server leaves a connection to the
// engine of HTTP/2, which goes on with it.
const handedToHTTP2 = "handed to HTTP/2"

// preface is how HTTP/2 begins, RFC 9113 3.4.
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// conn finds e's connection, or begins to remember it; nil for none.
func (p *Printer) conn(e *trace.Event) *conn {
	if e.Conn == 0 {
		return nil
	}
	c := p.conns[e.Conn]
	if c == nil {
		c = &conn{doubtful: p.lossy && !e.IsCall() && e.Verb != trace.Accept}
		p.conns[e.Conn] = c
	}
	c.called = c.called || e.IsCall()
	c.looksForHTTP2(e)
	if !c.sealed && (e.Verb == trace.Decrypt || e.Verb == trace.Encrypt) {
		c.sealed = true
		c.in.restart(0)
		c.out.restart(0)
	}
	return c
}

// prefaceWithin is where the preface may end: a header of the PROXY protocol
// may come before.
const prefaceWithin = 1 << 10

// looksForHTTP2 sees a connection begin with the preface, which may come in
// pieces.
func (c *conn) looksForHTTP2(e *trace.Event) {
	if c.http2 || e.Verb != trace.Recv || e.Off > prefaceWithin {
		c.begins = nil
		return
	}
	c.begins = append(c.begins, e.Data...)
	c.http2 = bytes.Contains(c.begins, []byte(preface))
	c.begins = c.begins[max(len(c.begins)-len(preface)+1, 0):]
}

// opaque: the event's bytes are records of TLS.
func (c *conn) opaque(e *trace.Event) bool { return c.sealed && e.IsCall() }

// end forgets the connection with the call that closes it, or with the reason
// if it is one whose calls nobody sees.
func (p *Printer) end(e *trace.Event, c *conn) {
	c.closed = true
	switch {
	case e.Note == handedToHTTP2:
		c.http2, c.handed = true, true
	case c.handed && e.IsCall(): // the descriptor that the server had
	case c.handed || e.IsCall() || !c.called:
		delete(p.conns, e.Conn)
	}
}

// messageAt learns from a head where a message begins: this one, if it is an
// answer, for it has not been sent yet; the next one, if it is a request whose
// body has a length. So a body that the ring did not keep casts no doubt on
// what follows it.
func (c *conn) messageAt(e *trace.Event) {
	c.doubtful = false // a head is none of HTTP/2's
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
