package record

import (
	"bytes"
	"strconv"
	"strings"
)

// Message is a request or an answer in pieces.
type Message struct {
	Off    int64   `json:"off"` // from the connection's first byte
	Len    int64   `json:"len"` // of the head
	Pieces []Piece `json:"pieces"`
	Body   Body    `json:"body"`
}

// Piece is the smallest part of a message that means something.
type Piece struct {
	Off     int64  `json:"off"`
	Len     int64  `json:"len"`
	Kind    string `json:"kind"` // method, target, version, status, reason, name, colon, value, crlf, chunk-size, chunk-ext, chunk-data, chunk-end, body
	Text    string `json:"text"` // empty for bodies
	Name    string `json:"name,omitempty"`
	Explain string `json:"explain"` // a key of [Words]
}

// Body is where a message's body lies on the wire, and how its end is known.
type Body struct {
	Off     int64  `json:"off"`
	Len     int64  `json:"len"`     // on the wire, as far as it has come
	Framing string `json:"framing"` // content-length, chunked, close, none
	Size    int64  `json:"size"`    // without the framing
}

// message is a Message and what was read on the way.
type message struct {
	Message
	status   int
	method   string
	fields   [][2]string // names in lower case, heads only
	content  [][]byte    // of the body, without framing; slices of the wire
	complete bool
}

// messages reads what has been received and sent. Each is empty if its head
// cannot be read.
func (x *exchange) messages() (in, out []message) {
	if x.State == HTTP2 {
		return nil, nil // frames are read elsewhere
	}
	if x.refused == nil && len(x.received) > 0 {
		if m, ok := readMessage(x.received.bytes(x.headOff), x.headOff, true, ""); ok {
			in = append(in, m)
		}
	}
	if len(x.sent) == 0 {
		return in, nil
	}
	off := x.sent[0].off
	wire := x.sent.bytes(off)
	for i := range x.answers {
		at := x.answers[i] - off
		if at < 0 || at >= int64(len(wire)) {
			break
		}
		end := int64(len(wire))
		if i+1 < len(x.answers) {
			end = min(end, x.answers[i+1]-off)
		}
		m, ok := readMessage(wire[at:end], off+at, false, x.Method)
		if !ok {
			break
		}
		out = append(out, m)
	}
	return in, out
}

// readMessage reads a head and the framing of what follows. It judges nothing:
// what broke a rule is not read here.
func readMessage(wire []byte, off int64, request bool, method string) (m message, ok bool) {
	end := bytes.Index(wire, []byte("\r\n\r\n"))
	if end < 0 {
		return m, false
	}
	head := wire[:end+2]
	p := pieces{m: &m, off: off}
	m.Off, m.method = off, method
	start, rest, _ := bytes.Cut(head, []byte("\r\n"))
	for len(start) == 0 { // an empty line before a request, RFC 9112 2.2
		p.add("crlf", "\r\n", "crlf.empty")
		if len(rest) == 0 {
			return m, false
		}
		start, rest, _ = bytes.Cut(rest, []byte("\r\n"))
	}
	if request {
		p.requestLine(string(start))
	} else {
		p.statusLine(string(start))
	}
	p.add("crlf", "\r\n", "crlf.line")
	p.fields(string(rest), &m.fields)
	p.add("crlf", "\r\n", "crlf.end")
	m.Len = p.off - off
	m.body(&p, wire[m.Len:], request)
	return m, true
}

// pieces adds to a message's, and knows where it is.
type pieces struct {
	m    *message
	off  int64
	name string
}

func (p *pieces) add(kind, text, explain string) {
	if text == "" {
		return
	}
	p.m.Pieces = append(p.m.Pieces, Piece{Off: p.off, Len: int64(len(text)), Kind: kind, Text: text, Name: p.name, Explain: explain})
	p.off += int64(len(text))
}

// space is one between two pieces, if it is there.
func (p *pieces) space(there bool) {
	if there {
		p.off++
	}
}

// skip is for a piece without a meaning of its own, or one too long for a text.
func (p *pieces) skip(n int) { p.off += int64(n) }

func (p *pieces) long(kind string, n int, explain string) {
	if n == 0 {
		return
	}
	p.m.Pieces = append(p.m.Pieces, Piece{Off: p.off, Len: int64(n), Kind: kind, Explain: explain})
	p.off += int64(n)
}

func (p *pieces) requestLine(line string) {
	method, rest, first := strings.Cut(line, " ")
	target, version, second := strings.Cut(rest, " ")
	p.m.method = method
	p.add("method", method, "method."+method)
	p.space(first)
	form := "target.origin"
	switch {
	case target == "*":
		form = "target.asterisk"
	case method == "CONNECT":
		form = "target.authority"
	case !strings.HasPrefix(target, "/"):
		form = "target.absolute"
	}
	p.add("target", target, form)
	p.space(second)
	p.add("version", version, "version."+strings.TrimPrefix(version, "HTTP/"))
}

func (p *pieces) statusLine(line string) {
	version, rest, first := strings.Cut(line, " ")
	code, reason, second := strings.Cut(rest, " ")
	p.m.status, _ = strconv.Atoi(code)
	p.add("version", version, "version."+strings.TrimPrefix(version, "HTTP/"))
	p.space(first)
	p.add("status", code, "status."+code)
	p.space(second)
	p.add("reason", reason, "reason")
}

// fields are lines that end with CR LF.
func (p *pieces) fields(lines string, to *[][2]string) {
	for line := range strings.SplitSeq(lines, "\r\n") {
		if line == "" {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		trimmed := strings.Trim(value, " \t")
		p.name = strings.ToLower(name)
		*to = append(*to, [2]string{p.name, trimmed})
		p.add("name", name, "field."+p.name)
		if found {
			p.add("colon", ":", "colon")
		}
		p.skip(len(value) - len(strings.TrimLeft(value, " \t")))
		p.add("value", trimmed, p.explainValue(trimmed))
		if trimmed != "" {
			p.skip(len(value) - len(strings.TrimRight(value, " \t")))
		}
		p.add("crlf", "\r\n", "crlf.line")
	}
	p.name = ""
}

// explainValue has a sentence for values that are words of their own.
func (p *pieces) explainValue(value string) string {
	switch p.name + ": " + strings.ToLower(value) {
	case "connection: close", "connection: keep-alive", "connection: upgrade", "transfer-encoding: chunked", "expect: 100-continue":
		return "value." + p.name + "." + strings.ToLower(value)
	}
	return ""
}

// field is the first value of a field.
func (m *message) field(name string) string {
	for i := range m.fields {
		if m.fields[i][0] == name {
			return m.fields[i][1]
		}
	}
	return ""
}

// fieldOf is the first value of a field in a head.
func fieldOf(head []byte, name string) string {
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		n, value, found := bytes.Cut(line, []byte(":"))
		if found && strings.EqualFold(string(n), name) {
			return string(bytes.Trim(value, " \t"))
		}
	}
	return ""
}

// secrets are the ranges of values that are hidden.
func (m *message) secrets(secret func(string) bool) (ranges [][2]int64) {
	for i := range m.Pieces {
		if p := &m.Pieces[i]; p.Kind == "value" && secret(p.Name) {
			ranges = append(ranges, [2]int64{p.Off, p.Off + p.Len})
		}
	}
	return ranges
}

// hide replaces them in the pieces' texts.
func (m *message) hide(secret func(string) bool) {
	for i := range m.Pieces {
		if p := &m.Pieces[i]; p.Kind == "value" && secret(p.Name) {
			p.Text = strings.Repeat("*", len(p.Text))
		}
	}
}
