package watch

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/genkan-http/genkan/trace"
)

// Call is a system call as strace(1) writes it, with secrets hidden:
//
//	recv(7, 16384) = 78 "GET /test HTTP/1.1\r\nHost: localho"...
//
// An event that is no call is its verb and its note. Call sees one event at a
// time: if that begins in the middle of a line, the line is not shown; a
// [Printer] remembers what came before. Time and connection are not in it.
func Call(e trace.Event) string {
	var c conn
	return string(appendCall(nil, &e, shown(&e, &c, false)))
}

// widest is how many of the bytes of a call are shown. strace(1) shows 32.
const widest = 64

// addCall is one line of level 2.
func (p *Printer) addCall(e *trace.Event, c *conn) {
	if c == nil {
		c = &conn{} // of a datagram, each piece stands for itself
	}
	data := shown(e, c, p.o.ShowSecrets)
	took := ""
	if e.IsCall() || e.Took > 0 {
		took = e.Took.Round(roundTo(e.Took)).String()
	}
	p.addPrefix(e, took)
	color := colorCall
	if e.Err != nil {
		color = colorError
	}
	p.paint(color, func() { p.buf = appendCall(p.buf, e, data) })
	p.buf = append(p.buf, '\n')
}

// shown is the bytes of a call without their secrets. It is asked for each
// event that has any, in order, so that the hider stays in step.
func shown(e *trace.Event, c *conn, secrets bool) []byte {
	if secrets {
		return e.Data
	}
	if e.Len == 0 || !(e.Received() || e.Sent()) || c.opaque(e) {
		return nil
	}
	if c.http2 || c.doubtful {
		return shown2(e)
	}
	h, start := &c.in, c.inStart
	if e.Sent() {
		h, start = &c.out, c.outStart
	}
	if e.Off == start {
		h.restart(start)
	}
	return h.hide(nil, e.Data, e.Off, e.Len)
}

// shown2 is nothing of HTTP/2 but what comes before its frames: secrets in them
// are compressed, and only the live page can tell which they are.
func shown2(e *trace.Event) []byte {
	if e.Received() && e.Off <= prefaceWithin {
		if at := bytes.Index(e.Data, []byte(preface)); at >= 0 {
			return e.Data[:at+len(preface)]
		}
	}
	return nil
}

// appendCall puts the bytes where the call has them: those of a send among the
// arguments, those of a recv after the result.
func appendCall(dst []byte, e *trace.Event, data []byte) []byte {
	dst = append(dst, e.Verb.String()...)
	if !e.IsCall() {
		return appendOther(dst, e, data)
	}
	dst = append(dst, '(')
	args := e.Args
	if len(data) > 0 && e.Sent() {
		fd, others, _ := strings.Cut(args, ", ")
		dst = appendVisible(dst, fd, asText)
		dst = append(dst, ", "...)
		dst = appendQuoted(dst, data, len(e.Data) < e.Len)
		dst = append(dst, ", "...)
		args = others
	}
	dst = appendVisible(dst, args, asText)
	dst = append(dst, ") = "...)
	dst = appendVisible(dst, e.Result, asText)
	if len(data) > 0 && !e.Sent() {
		dst = append(dst, ' ')
		dst = appendQuoted(dst, data, len(e.Data) < e.Len)
	}
	return dst
}

// appendOther is a wait or a baton, or bytes that were moved by something
// else than a call of ours: package net, TLS.
func appendOther(dst []byte, e *trace.Event, data []byte) []byte {
	if e.Received() || e.Sent() {
		dst = fmt.Appendf(dst, ": %d", e.Len)
	}
	if len(data) > 0 {
		dst = append(dst, ' ')
		dst = appendQuoted(dst, data, len(e.Data) < e.Len)
	}
	if e.Note != "" {
		dst = append(dst, ": "...)
		dst = appendVisible(dst, hideText(e.Note), saidIn(e))
	}
	if e.Err != nil {
		dst = append(dst, ": "...)
		dst = appendVisible(dst, hideText(e.Err.Error()), saidIn(e))
	}
	return dst
}

// saidIn is what the note and the error of an event are. Parsers quote the bytes
// of the peer in theirs; where there is no error, the note is the peer's words.
func saidIn(e *trace.Event) textKind {
	if e.Verb == trace.Parse && e.Err != nil {
		return withQuotes
	}
	return asText
}

// appendQuoted cuts at a whole character, as strace marks it: "…"...
func appendQuoted(dst, data []byte, more bool) []byte {
	if len(data) > widest {
		end := widest
		for end > widest-utf8.UTFMax && !utf8.RuneStart(data[end]) {
			end--
		}
		data, more = data[:end], true
	}
	dst = append(dst, '"')
	dst = appendVisible(dst, data, inQuotes)
	dst = append(dst, '"')
	if more {
		dst = append(dst, "..."...)
	}
	return dst
}
