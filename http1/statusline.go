package http1

// statusLine scans version SP status [SP [reason]] CR LF, RFC 9112 4. word holds
// where the reason begins and ends. The space before an empty reason, which a
// server must send, may be missing: many forget it, and it is harmless.
func (m *machine) statusLine(b []byte) bool {
	const status = len("HTTP/1.1 ")
	i := m.pos
	switch m.state {
	case stAnswerVersion:
		if !m.version(b, 0, i) {
			return false
		}
		if i = m.pos; i == len(b) {
			return false
		}
		if !m.answerVersionEnd(b, i) {
			return false
		}
		m.to(sawSpace)
		i++
		fallthrough
	case stStatus:
		for i < len(b) && i < status+3 && isDigit(b[i]) && (i > status || b[i] != '0') {
			i++
		}
		m.pos = i
		if i == len(b) {
			return false
		}
		if i < status+3 || b[i] != ' ' && b[i] != '\r' {
			m.badStatus(b, i)
			return false
		}
		m.word = [2]uint32{uint32(i), uint32(i)}
		if b[i] == '\r' {
			m.to(sawCR)
			m.pos = i + 1
			return m.startLF(b)
		}
		m.to(sawSpace)
		i++
		m.word[0] = uint32(i)
		fallthrough
	case stReason:
		i = nextControl(b, i)
		m.pos = i
		if i == len(b) {
			return false
		}
		switch b[i] {
		case '\r':
		case '\n':
			m.bareLF(i)
			return false
		default:
			m.fail(ruleReasonByte, i, "the reason phrase holds "+octet(b[i]))
			return false
		}
		m.word[1] = uint32(i)
		m.to(sawCR)
		m.pos = i + 1
	}
	return m.startLF(b)
}

// startLF is the last byte of a start line.
func (m *machine) startLF(b []byte) bool {
	i := m.pos
	if i == len(b) || !m.lineEnd(b[i], i) {
		return false
	}
	m.to(sawLF)
	m.pos = i + 1
	return true
}

func (m *machine) answerVersionEnd(b []byte, i int) bool {
	switch {
	case b[i] == '\n':
		m.bareLF(i)
	case b[i] != ' ':
		m.fail(ruleVersionSyntax, i, "the version "+quote(b[:i])+" is followed by "+octet(b[i]))
	case b[i-3] != '1':
		m.fail(ruleVersionMajor, i-3, "the version is "+quote(b[:i]))
	default:
		return true
	}
	return false
}

func (m *machine) badStatus(b []byte, i int) {
	switch c := b[i]; {
	case c == '\n':
		m.bareLF(i)
	case (c == ' ' || c == '\t') && i == len("HTTP/1.1 "):
		m.fail(ruleLineSpace, i, "more than one space before the status code")
	default:
		m.fail(ruleStatusCode, i, "the status code holds, or is followed by, "+octet(c))
	}
}
