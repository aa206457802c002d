package http1

// body hands on what follows a head. It is called once for each event.
func (m *machine) body(in []byte, atEOF bool, l *Limits, trailers *[]Field) (used int, ev Event) {
	switch m.state {
	case stLength:
		used, ev = m.known(in)
		if used == 0 && atEOF && m.state == stLength {
			m.eof(ruleEOFBody, len(in), "a body, of which "+decimal64(m.left)+" bytes are missing")
		}
	case stUntilClose:
		if len(in) > 0 {
			m.use(len(in))
			return len(in), Event{EventBody, in}
		}
		if atEOF {
			m.to(sawEOF)
		}
	case stEnd, stSwitched:
	default:
		used, ev = m.chunked(in, l, trailers)
		if m.err == nil && m.state != stEnd && ev.Kind == EventNeedMore && atEOF {
			m.eof(ruleEOFBody, len(in)-used, "a chunked body")
		}
	}
	if m.state == stEnd && ev.Kind == EventNeedMore && m.err == nil {
		m.to(isNext)
		m.reset(m.state)
		ev.Kind = EventEnd
	}
	return used, ev
}

// known is a body, or a chunk's data, of which m.left bytes are still to come.
func (m *machine) known(in []byte) (used int, ev Event) {
	n := int(min(int64(len(in)), m.left))
	if n == 0 {
		return 0, Event{}
	}
	m.left -= int64(n)
	m.data += int64(n)
	m.use(n)
	if m.left == 0 {
		m.to(sawAll)
	}
	return n, Event{EventBody, in[:n:n]}
}
