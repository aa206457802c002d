package http1

import "strconv"

// Error is a breach of the rules by the peer: what to answer, which sentence
// was broken, at which byte, and what stood there. Every error of a parser is
// one, and after it the connection can only be closed: where the next message
// would begin is not known any more.
type Error struct {
	Status int    // what to answer; 502 for a response, which is what a gateway answers its own client
	Rule   Rule   // the rule that was broken
	Offset int64  // the byte that broke it, counted from the first byte of this message
	Reason string // what was wrong, for a person; bytes of the peer are quoted and short
}

// Error is the whole story in one line.
func (e *Error) Error() string {
	return "http1: " + e.Reason + " (byte " + strconv.FormatInt(e.Offset, 10) + ", rule " + e.Rule.ID + ", " + e.Rule.Source + ")"
}

// fail ends this machine: every later call gets the same error. i is an index
// into the bytes not advanced over yet.
func (m *machine) fail(r rule, i int, reason string) {
	status := rules[r].Status
	if m.response {
		status = 502
	}
	m.err = &Error{Status: status, Rule: rules[r], Offset: m.off + int64(i), Reason: reason}
	m.state = stFailed
	m.trailers = false
}

// quote shows bytes of the peer: escaped, and cut to what a log line bears.
func quote[T string | []byte](b T) string {
	const most = 40
	if len(b) <= most {
		return strconv.Quote(string(b))
	}
	return strconv.Quote(string(b[:most])) + "…"
}

// octet shows one byte of the peer.
func octet(c byte) string { return quote([]byte{c}) }
