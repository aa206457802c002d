package http1

// machine is what the two parsers have in common: a state, and how far into
// the caller's bytes it has looked. Positions are indices into the bytes that
// were not advanced over yet, so they stay right while the caller appends.
//
//	off ─────────────►│ 0      line         pos     bound
//	already advanced  │ GET /a…\r\nHost: exa▒·········│ one byte more is a breach
type machine struct {
	state    state
	response bool  // breaches are answered 502, the start line is a status line
	trailers bool  // the field lines being scanned are trailers
	noName   bool  // a chunk extension begins and has no byte of its name yet
	digits   uint8 // of a chunk size, or of a status
	word     [2]uint32
	pos      int    // how far we have looked; never looked at twice
	line     int    // where this line begins
	bound    int    // where the section would be too long
	off      int64  // bytes of this message already advanced over
	told     int64  // off, when the caller was last told
	left     int64  // bytes of the body, or of this chunk, still to come
	data     int64  // bytes of the body handed on
	ext      int64  // bytes of chunk extensions in this body
	extLine  int    // bytes of chunk extensions in this line
	marks    []mark // of the field lines of this section
	err      *Error
}

// reset is for the next message: everything but the memory of marks.
func (m *machine) reset(s state) {
	*m = machine{state: s, response: m.response, marks: m.marks[:0]}
}

// to makes a change that state.go allows.
func (m *machine) to(s seen) { m.state = m.state.after(s) }

// after is the state that follows s. A change that the table lacks is a bug of ours.
func (s state) after(what seen) state {
	to := next[s][what]
	if to >= states {
		panic("http1: a change of state that the table does not have")
	}
	return to
}

// use forgets n bytes that the caller is told to advance over.
func (m *machine) use(n int) {
	m.off += int64(n)
	m.pos = 0
	m.line = 0
}

// eof is the breach of a peer that ends its sending inside a head or body.
func (m *machine) eof(r rule, n int, where string) {
	m.fail(r, n, "the peer sends no more, in the middle of "+where)
}

// lineEnd judges the byte after a CR inside a line of a head.
func (m *machine) lineEnd(c byte, i int) bool {
	if c == '\n' {
		return true
	}
	m.fail(ruleBareCR, i-1, "a CR without an LF after it, but "+octet(c))
	return false
}

// bareLF is what a control character in the middle of a line means first of all.
func (m *machine) bareLF(i int) {
	m.fail(ruleLineEnd, i, "a line ends with LF alone; it must end with CR LF (with netcat: nc -C)")
}
