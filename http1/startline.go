package http1

// start looks at the bytes between messages: one empty line, which is used up
// and ignored, and the first byte of a TLS hello.
func (m *machine) start(in []byte) (used int) {
	for m.pos < len(in) {
		c := in[m.pos]
		switch m.state {
		case stStart, stStartAgain:
			switch {
			case c == '\n':
				m.bareLF(m.pos)
				return 0
			case c == '\r' && m.state == stStartAgain:
				m.fail(ruleEmptyLine, m.pos, "a second empty line before the start line")
				return 0
			case c == '\r':
				m.to(sawCR)
			case m.response:
				m.to(isAnswer)
				return used
			case c == 0x16:
				m.to(sawTLS)
			default:
				m.to(sawByte)
				return used
			}
			m.pos++
		case stStartLF:
			if !m.lineEnd(c, m.pos) {
				return 0
			}
			m.to(sawLF)
			used = m.pos + 1
			in = in[used:]
			m.use(used)
		case stTLS:
			if c == 3 {
				m.fail(ruleTLS, m.pos-1, "this port speaks HTTP without TLS, and the client began a TLS handshake; ask with http:// instead of https://")
			} else {
				m.fail(ruleMethodToken, m.pos-1, "a method holds "+octet(0x16))
			}
			return 0
		}
	}
	return used
}

// head scans the start line and the field lines as far as in goes. True: the
// head is whole and ends at m.pos. False: in ended first, or m.err is set.
func (m *machine) head(in []byte, l *Limits) bool {
	if m.state < stField {
		m.bound = headLimit(l.Head, defaultHead)
		end := min(limit(l.RequestLine, defaultRequestLine), m.bound)
		whole := false
		if m.response {
			whole = m.statusLine(in[:min(len(in), end)])
		} else {
			whole = m.requestLine(in[:min(len(in), end)])
		}
		if !whole {
			if m.err == nil && len(in) > end {
				m.fail(ruleLineLength, end, "a start line of more than "+decimal(end)+" bytes")
			}
			return false
		}
	}
	return m.fieldLines(in, l)
}

const maxMethod = 32

// requestLine scans method SP target SP version CR LF. word holds where method
// and target end.
func (m *machine) requestLine(b []byte) bool {
	i := m.pos
	switch m.state {
	case stMethod:
		for i < len(b) && i <= maxMethod && tokenByte[b[i]] {
			i++
		}
		m.pos = i
		if i == len(b) && i <= maxMethod {
			return false
		}
		if i > maxMethod || b[i] != ' ' || i == 0 {
			m.badMethod(b, i)
			return false
		}
		m.word[0] = uint32(i)
		m.to(sawSpace)
		i++
		fallthrough
	case stTarget:
		for i < len(b) && class[b[i]]&isTarget != 0 {
			i++
		}
		m.pos = i
		if i == len(b) {
			return false
		}
		if b[i] != ' ' || i == int(m.word[0])+1 {
			m.badTarget(b, i)
			return false
		}
		m.word[1] = uint32(i)
		m.to(sawSpace)
		i++
		fallthrough
	case stVersion:
		if !m.version(b, int(m.word[1])+1, i) {
			return false
		}
		i = m.pos
		if i == len(b) {
			return false
		}
		if !m.versionEnd(b, i) {
			return false
		}
		m.to(sawCR)
		m.pos = i + 1
	}
	return m.startLF(b)
}

const versionPattern = "HTTP/d.d"

// version scans the eight bytes of a version that begins at from. True: m.pos
// is after it, or at the end of b.
func (m *machine) version(b []byte, from, i int) bool {
	if len(b) >= from+8 && string(b[from:from+7]) == "HTTP/1." && isDigit(b[from+7]) {
		m.pos = from + 8
		return true
	}
	for ; i < len(b) && i < from+8; i++ {
		c := b[i]
		if want := versionPattern[i-from]; c == want && want != 'd' || want == 'd' && isDigit(c) {
			continue
		}
		m.pos = i
		switch {
		case c == '\n':
			m.bareLF(i)
		case i == from && c == '\r':
			m.fail(ruleVersionMissing, i, "the line ends where the version should be")
		case i == from && (c == ' ' || c == '\t'):
			m.fail(ruleLineSpace, i, "more than one space before the version")
		default:
			m.fail(ruleVersionSyntax, i, "the version begins with "+quote(b[from:i+1])+", not with HTTP/1.")
		}
		return false
	}
	m.pos = i
	return true
}

// versionEnd judges the byte after the version of a request, and its major digit.
func (m *machine) versionEnd(b []byte, i int) bool {
	major := i - 3
	switch c := b[i]; {
	case c == '\n':
		m.bareLF(i)
	case c == ' ' || c == '\t':
		m.fail(ruleLineSpace, i, "white space after the version")
	case c != '\r':
		m.fail(ruleVersionSyntax, i, "the version "+quote(b[i-8:i])+" goes on with "+octet(c))
	case b[major] == '1':
		return true
	case string(b[:i]) == "PRI * HTTP/2.0":
		m.fail(rulePreface, 0, "the client speaks HTTP/2 from the start, which is not spoken here")
	default:
		m.fail(ruleVersionMajor, major, "the version is "+quote(b[i-8:i])+"; HTTP/1.1 and HTTP/1.0 are spoken here")
	}
	return false
}

func (m *machine) badMethod(b []byte, i int) {
	switch {
	case i > maxMethod:
		m.fail(ruleMethodLength, maxMethod, "a method of more than 32 bytes begins with "+quote(b[:i]))
	case b[i] == '\n':
		m.bareLF(i)
	case b[i] == '\r':
		m.fail(ruleTargetEmpty, i, "the line ends after the method "+quote(b[:i]))
	case b[i] == ' ' && i == 0:
		m.fail(ruleLineSpace, i, "a space before the method")
	case b[i] == '\t':
		m.fail(ruleLineSpace, i, "a tab in the start line")
	default:
		m.fail(ruleMethodToken, i, "a method holds "+octet(b[i]))
	}
}

func (m *machine) badTarget(b []byte, i int) {
	switch c := b[i]; {
	case c == '\n':
		m.bareLF(i)
	case c == ' ' || c == '\t':
		m.fail(ruleLineSpace, i, "more than a single space between method and version: "+octet(c))
	case c == '\r' && i == int(m.word[0])+1:
		m.fail(ruleTargetEmpty, i, "the line ends after the method "+quote(b[:i-1]))
	case c == '\r':
		m.fail(ruleVersionMissing, i, "the line ends after the target, without a version")
	default:
		m.fail(ruleTargetByte, i, "a target holds "+octet(c)+"; it must be percent-encoded")
	}
}
