package http1

// TargetForm is which of the four forms of RFC 9112 3.2 a target has.
type TargetForm uint8

// The four forms.
const (
	OriginForm    TargetForm = iota // /path?query
	AbsoluteForm                    // http://host/path?query
	AuthorityForm                   // host:port, for CONNECT alone
	AsteriskForm                    // *, for OPTIONS alone
)

// Field is one field line: name as it was sent, value without the white space
// around it.
type Field struct{ Name, Value string }

// Request is a request's head, and at the end its trailers. All its strings are
// slices of one string that holds the head and never changes.
type Request struct {
	Method, Target string // as sent
	Form           TargetForm

	// Slices of Target, undecoded, split at the first "?". Scheme is "" but in
	// absolute-form. Path is "*" in asterisk-form, "" in authority-form, and may
	// be "" in absolute-form.
	Scheme, Path, RawQuery string
	HasQuery               bool // "/a?" has a query, an empty one; "/a" has none

	// Host is the authority of the target in absolute- and authority-form,
	// otherwise the value of the Host field; "" on HTTP/1.0 without one.
	Host string

	Minor    int     // the version is 1.Minor, 0 to 9 as sent
	Fields   Fields  // Host among them
	Trailers []Field // from EventEnd on

	ContentLength int64 // -1 when Chunked; 0 and not Chunked: there is no body
	Chunked       bool
	Close         bool // the connection ends after the answer
	KeepAlive10   bool // 1.0 that asked to be kept alive: the answer must say so
	Expect100     bool // the client holds the body back until it sees a 100
	HeadBytes     int  // the head's size on the wire, with an ignored empty line before it
}

// EventKind is what a call of Next found.
type EventKind uint8

// The kinds.
const (
	EventNeedMore EventKind = iota // nothing yet: call again with more bytes, or atEOF
	EventHead                      // the head is whole
	EventBody                      // bytes of the body, in Event.Data
	EventEnd                       // the message is whole
)

// Event is what a call of Next found.
type Event struct {
	Kind EventKind
	Data []byte // of EventBody: a slice of the bytes given to Next, never empty
}

// RequestParser is the server's machine: bytes in, requests out. The zero value
// is ready. It is not safe for concurrent use.
type RequestParser struct {
	Limits  Limits
	Request Request // filled at EventHead
	m       machine
}

// Next looks at in, the bytes that have arrived and were not advanced over, and
// says what they are and how many of them it used. atEOF means that no more
// will come. After [EventNeedMore] the next call's in begins with the bytes
// that were not used, followed by new ones. After [EventEnd] the next call
// starts the next message. At a clean end between messages it returns 0 and
// EventNeedMore.
//
// err is nil or an [*Error]; then advance is 0, and every later call returns
// the same error.
func (p *RequestParser) Next(in []byte, atEOF bool) (advance int, ev Event, err error) {
	m := &p.m
	if m.state < stMethod {
		advance = m.start(in)
		in = in[advance:]
	}
	if m.state < stFraming && !m.trailers && m.state >= stMethod {
		if m.head(in, &p.Limits) {
			n := m.pos
			if !p.finishHead(in[:n]) {
				return 0, Event{}, m.err
			}
			m.use(n)
			m.told = m.off
			return advance + n, Event{Kind: EventHead}, nil
		}
	}
	if m.state >= stFraming && m.state < stFailed || m.trailers {
		n, ev := m.body(in, atEOF, &p.Limits, &p.Request.Trailers)
		if m.err != nil {
			return 0, Event{}, m.err
		}
		m.told = m.off
		return advance + n, ev, nil
	}
	if m.err == nil && atEOF && (m.state >= stMethod || len(in) > 0) {
		m.eof(ruleEOFHead, len(in), "a head")
	}
	if m.err != nil {
		return 0, Event{}, m.err
	}
	m.told = m.off
	return advance, Event{}, nil
}

// Advanced is how many bytes of the message at hand, or of the one that was
// refused, Next has told its caller to advance over: the first byte of the next
// in is this one of the message. [Error.Offset] counts alike.
func (p *RequestParser) Advanced() int64 { return p.m.told }

// BetweenMessages reports whether no byte of a message has been seen, an
// ignored empty line apart.
func (p *RequestParser) BetweenMessages() bool {
	return (p.m.state == stStart || p.m.state == stStartAgain) && p.m.pos == 0
}

// Untouched is BetweenMessages, and no empty line was ignored either.
func (p *RequestParser) Untouched() bool { return p.m.state == stStart && p.m.pos == 0 }

// Reset forgets everything but Limits and the memory of Fields: what comes next
// is the first byte of a connection.
func (p *RequestParser) Reset() {
	p.Request.Fields.forget()
	p.Request = Request{Fields: p.Request.Fields}
	p.m.reset(stStart)
}

// finishHead turns a whole head into one string, and that into Request. Only
// the syntax of lines was checked so far; what fields and target mean is here.
func (p *RequestParser) finishHead(b []byte) bool {
	m, r := &p.m, &p.Request
	head := string(b)
	minor := int(b[m.word[1]+8] - '0') // "SP HTTP/1.x": x is eight bytes after the space
	r.Fields.take(head, m)
	*r = Request{
		Method:    head[:m.word[0]],
		Target:    head[m.word[0]+1 : m.word[1]],
		Minor:     minor,
		Fields:    r.Fields,
		HeadBytes: len(b) + int(m.off),
	}
	if !p.target(int(m.word[0]) + 1) {
		return false
	}
	f := framing{m: m, fields: &r.Fields, minor: minor}
	if !f.read() || !f.host() || !f.length() || !f.expect() {
		return false
	}
	if r.Form == OriginForm || r.Form == AsteriskForm {
		r.Host = f.hostValue
	}
	r.ContentLength, r.Chunked = f.contentLength, f.chunked
	r.Close = f.close || minor == 0 && !f.keepAlive
	r.KeepAlive10 = minor == 0 && !r.Close
	r.Expect100 = f.expectation >= 0 && minor > 0 && (f.chunked || f.contentLength > 0)
	switch {
	case f.chunked:
		m.to(isChunked)
	case f.contentLength > 0:
		m.left = f.contentLength
		m.to(isLength)
	default:
		m.to(isEmpty)
	}
	return true
}
