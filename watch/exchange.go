package watch

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// addText writes the lines of one event.
func (p *Printer) addText(e *trace.Event) {
	if e.Verb == trace.Close && e.IsCall() {
		p.addClosed(e)
		return
	}
	c := p.conn(e)
	if c != nil && c.closed {
		// The calls that follow the last word, such as shutdown.
		if p.o.Level >= 2 {
			p.addCall(e, c)
		}
		if e.Verb == trace.Close {
			p.end(e, c) // of one that went on in other hands
		}
		return
	}
	if p.o.Level >= 2 && !p.asExchange(e) {
		p.addCall(e, c)
	}
	if c != nil {
		p.addExchange(e, c)
	} else if e.Err != nil && p.o.Level < 2 {
		p.addLine(e, '*', p.text(callError(e)))
	}
}

// asExchange: these events are shown as lines of the exchange only.
func (p *Printer) asExchange(e *trace.Event) bool {
	switch e.Verb {
	case trace.Parse, trace.Respond, trace.Handle, trace.Rest:
		return e.Conn != 0
	case trace.Close:
		return !e.IsCall()
	}
	return false
}

// addExchange is level 1.
func (p *Printer) addExchange(e *trace.Event, c *conn) {
	switch e.Verb {
	case trace.Accept:
		p.addLinef(e, p.words.accepted, e.Conn, p.text(e.Note))
	case trace.Connect:
		p.addLinef(e, p.words.connected, e.Conn, p.text(e.Note))
	case trace.Recv, trace.Send, trace.Sendfile, trace.Decrypt, trace.Encrypt:
		p.addMoved(e, c)
	case trace.Parse:
		p.addRequest(e, c)
	case trace.Handle:
		p.addHandled(e)
	case trace.Respond:
		p.addAnswer(e, c)
	case trace.Rest:
		p.addBodies(e, c)
		if !c.rested {
			p.addLine(e, '*', p.words.keeping)
		}
		c.rested = true
	case trace.Close:
		p.addBodies(e, c)
		p.addReason(e, c)
	}
}

// addMoved counts the bytes of a call, and says so when a body is whole.
func (p *Printer) addMoved(e *trace.Event, c *conn) {
	if e.Err != nil && p.o.Level < 2 {
		p.addLine(e, '*', p.text(callError(e)))
	}
	if c.opaque(e) {
		return
	}
	b, mark := &c.recv, byte('{')
	if e.Sent() {
		b, mark = &c.send, '}'
	}
	b.upTo = e.Off + int64(e.Len)
	if b.whole() {
		p.addBody(e, b, mark)
	}
}

// addRequest shows a head that was understood, or refused.
func (p *Printer) addRequest(e *trace.Event, c *conn) {
	// What had been received before this head belongs to the request before;
	// the rest of it, to this one.
	upTo := c.recv.upTo
	if e.Len > 0 {
		c.recv.upTo = e.Off
	}
	p.addBodies(e, c)

	if !isAnswer(e) {
		p.addAgain(e, c)
	}
	p.addHead(e, '<')
	if e.Err != nil {
		p.addLinef(e, p.words.refused, p.textAs(e.Err.Error(), saidIn(e)))
	}
	c.recv = newBody(e, 0)
	c.recv.upTo = upTo
	c.messageAt(e)
	if c.recv.whole() {
		p.addBody(e, &c.recv, '{')
	}
}

// isAnswer: the head is that of an answer. A server parses requests and writes
// answers, a client the other way round.
func isAnswer(e *trace.Event) bool { return strings.HasPrefix(e.Note, "HTTP/") }

// addAgain counts the requests of a connection.
func (p *Printer) addAgain(e *trace.Event, c *conn) {
	c.requests++
	c.rested = false
	if c.requests > 1 {
		p.addLinef(e, p.words.again, c.requests)
	}
}

func (p *Printer) addHandled(e *trace.Event) {
	took := e.Took.Round(roundTo(e.Took)).String()
	if e.Note == "" {
		p.addLinef(e, p.words.handled, took)
	} else {
		p.addLinef(e, p.words.handledBy, p.text(e.Note), took)
	}
	if e.Err != nil {
		p.addLinef(e, p.words.failed, p.text(e.Err.Error()))
	}
}

// addAnswer shows the head of an answer.
func (p *Printer) addAnswer(e *trace.Event, c *conn) {
	upTo := c.send.upTo
	c.send.upTo = e.Off
	p.addBodies(e, c)
	if !isAnswer(e) {
		p.addAgain(e, c)
	}
	p.addHead(e, '>')
	c.send = newBody(e, unsized)
	c.send.upTo = upTo
	c.messageAt(e)
}

// addReason is the server's word on why it closes, which comes before the call.
func (p *Printer) addReason(e *trace.Event, c *conn) {
	switch {
	case e.Note != "":
		p.addLinef(e, p.words.closedFor, p.text(e.Note))
	case e.Err != nil:
		p.addLinef(e, p.words.closedFor, p.text(e.Err.Error()))
	default:
		p.addLine(e, '*', p.words.closed)
	}
	p.end(e, c)
}

// addClosed is the call, which ends what is remembered. If it comes without a
// reason, because the server is a bare one, it is the news itself.
func (p *Printer) addClosed(e *trace.Event) {
	c := p.conns[e.Conn]
	if p.o.Level >= 2 {
		p.addCall(e, c)
	}
	if c == nil {
		return
	}
	if !c.closed {
		p.addBodies(e, c)
		p.addLine(e, '*', p.words.closed)
	}
	p.end(e, c)
}

// addHead writes the lines of a head, and an empty one, as curl does.
func (p *Printer) addHead(e *trace.Event, mark byte) {
	if len(e.Data) == 0 {
		p.addLine(e, mark, p.text(e.Note))
		return
	}
	data := e.Data
	if !p.o.ShowSecrets {
		var h hider
		data = h.hide(nil, data, 0, len(data))
	}
	rest, ended := bytes.CutSuffix(data, []byte("\r\n\r\n"))
	for len(rest) > 0 {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if found {
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		p.addLine(e, mark, string(appendVisible(nil, line, asText)))
		rest = after
	}
	if missing := e.Len - len(e.Data); missing > 0 {
		p.addLine(e, mark, fmt.Sprintf(p.words.restNotShown, missing))
	}
	if ended {
		p.addLine(e, mark, "")
	}
}

// addBodies says how much of the bodies there was, if that has not been said.
func (p *Printer) addBodies(e *trace.Event, c *conn) {
	p.addBody(e, &c.recv, '{')
	p.addBody(e, &c.send, '}')
}

func (p *Printer) addBody(e *trace.Event, b *body, mark byte) {
	got := b.got()
	if got <= b.told {
		return
	}
	b.told = got
	switch b.size {
	case got:
		p.addLine(e, mark, fmt.Sprintf(p.words.body, got))
	case unsized:
		p.addLine(e, mark, fmt.Sprintf(p.words.bodyUnsized, got))
	default:
		p.addLine(e, mark, fmt.Sprintf(p.words.bodyOf, got, b.size))
	}
}

// text makes a text of the program or the peer fit to be shown.
func (p *Printer) text(s string) string { return p.textAs(s, asText) }

func (p *Printer) textAs(s string, as textKind) string {
	if !p.o.ShowSecrets {
		s = hideText(s)
	}
	return string(appendVisible(nil, s, as))
}

// callError is "bind(3, 127.0.0.1:80) = EACCES (permission denied)".
func callError(e *trace.Event) string {
	if e.IsCall() {
		return e.Verb.String() + "(" + e.Args + ") = " + e.Result
	}
	return e.Verb.String() + ": " + e.Err.Error()
}

// roundTo keeps about three digits of d.
func roundTo(d time.Duration) time.Duration {
	unit := time.Nanosecond
	for d >= 1000*unit && unit < time.Second {
		unit *= 10
	}
	return unit
}
