package http1

// Response is a response's head, and at the end its trailers, under the rules
// of [Request].
type Response struct {
	Minor    int // the version is 1.Minor
	Status   int // 100 to 999
	Reason   string
	Fields   Fields
	Trailers []Field // from EventEnd on

	ContentLength int64 // as declared, also where there is no body (HEAD); -1: not declared
	Chunked       bool
	UntilClose    bool // the end of the connection ends the body
	NoBody        bool // no body follows, whatever the fields say: HEAD, 1xx, 204, 304, a 2xx to CONNECT
	Interim       bool // 1xx: the final response is still to come
	Switched      bool // 101, or a 2xx to CONNECT: what follows is not HTTP/1
	Close         bool // the connection ends after this response
	HeadBytes     int
}

// ResponseParser is the client's machine: bytes in, responses out. The zero
// value is ready, once [ResponseParser.Expect] told it what was asked. It is
// not safe for concurrent use.
type ResponseParser struct {
	Limits   Limits
	Response Response // filled at EventHead
	m        machine
	asked    []asked // requests without a final response, the oldest first
}

// asked is what about a request matters to its response.
type asked uint8

const (
	askedOther asked = iota
	askedHead
	askedConnect
)

// Expect tells that a request with this method was sent. It is called once for
// each, in their order and before its response is parsed: whether a response
// has a body depends on it, RFC 9112 6.3.
func (p *ResponseParser) Expect(method string) {
	a := askedOther
	switch method {
	case "HEAD":
		a = askedHead
	case "CONNECT":
		a = askedConnect
	}
	p.asked = append(p.asked, a)
}

// Next is the same contract as [RequestParser.Next]. An interim response (1xx)
// is a message of its own, head and end. After a response with Switched the
// bytes are not HTTP/1, and Next uses none of them any more.
func (p *ResponseParser) Next(in []byte, atEOF bool) (advance int, ev Event, err error) {
	m := &p.m
	m.response = true
	if m.state == stSwitched {
		return 0, Event{}, nil
	}
	if m.state < stMethod {
		advance = m.start(in)
		in = in[advance:]
		if m.state == stAnswerVersion && len(p.asked) == 0 {
			m.fail(ruleUnasked, 0, "a response, beginning with "+quote(in[:1])+", to no request")
		}
	}
	if m.state < stFraming && !m.trailers && m.state >= stMethod {
		if m.head(in, &p.Limits) {
			n := m.pos
			if !p.finishHead(in[:n]) {
				return 0, Event{}, m.err
			}
			m.use(n)
			return advance + n, Event{Kind: EventHead}, nil
		}
	}
	if m.state >= stFraming && m.state < stFailed || m.trailers {
		n, ev := m.body(in, atEOF, &p.Limits, &p.Response.Trailers)
		if m.err != nil {
			return 0, Event{}, m.err
		}
		if ev.Kind == EventEnd && p.Response.Switched {
			m.state = stEnd
			m.to(isSwitched)
		}
		return advance + n, ev, nil
	}
	if m.err == nil && atEOF && (m.state >= stMethod || len(in) > 0) {
		m.eof(ruleEOFHead, len(in), "a head")
	}
	if m.err != nil {
		return 0, Event{}, m.err
	}
	return advance, Event{}, nil
}

// BetweenMessages reports whether no byte of a message has been seen.
func (p *ResponseParser) BetweenMessages() bool {
	return (p.m.state == stStart || p.m.state == stStartAgain) && p.m.pos == 0
}

// Reset forgets everything but Limits and the memory of Fields, the
// expected methods too.
func (p *ResponseParser) Reset() {
	p.Response.Fields.forget()
	p.Response = Response{Fields: p.Response.Fields}
	p.asked = p.asked[:0]
	p.m.reset(stStart)
}

// finishHead is RFC 9112 6.3 for responses.
func (p *ResponseParser) finishHead(b []byte) bool {
	m, r := &p.m, &p.Response
	head := string(b)
	minor := int(b[7] - '0')
	status := int(b[9]-'0')*100 + int(b[10]-'0')*10 + int(b[11]-'0')
	r.Fields.take(head, m)
	*r = Response{
		Minor:         minor,
		Status:        status,
		Fields:        r.Fields,
		Reason:        head[m.word[0]:m.word[1]],
		ContentLength: -1,
		HeadBytes:     len(b) + int(m.off),
	}
	f := framing{m: m, fields: &r.Fields, minor: minor}
	if !f.read() || !f.length() {
		return false
	}
	if f.lengths > 0 {
		r.ContentLength = f.contentLength
	}
	r.Chunked = f.chunked
	r.Close = f.close || minor == 0 && !f.keepAlive
	to := p.asked[0]
	r.Interim = status < 200 && status != 101
	r.Switched = status == 101 || to == askedConnect && status/100 == 2
	r.NoBody = status < 200 || status == 204 || status == 304 || to == askedHead || r.Switched
	if !r.Interim {
		p.asked = append(p.asked[:0], p.asked[1:]...)
	}
	switch {
	case r.NoBody || r.ContentLength == 0:
		m.to(isEmpty)
	case r.Chunked:
		m.to(isChunked)
	case r.ContentLength > 0:
		m.left = r.ContentLength
		m.to(isLength)
	default:
		r.UntilClose, r.Close = true, true
		m.to(isUntilClose)
	}
	return true
}
