package http1

// extensionByte is one byte of a chunk's extensions, RFC 9112 7.1.1. They are
// checked, counted and ignored.
//
//	;name ;name=token ;name="quoted \" string"
func (m *machine) extensionByte(c byte, i int, l *Limits) bool {
	switch m.state {
	case stExtQuoted, stExtEscape:
	case stExtName, stExtToken, stExtClosed:
		// m.noName: a name has no byte yet, so nothing can end it.
		if c == '\r' && !(m.state == stExtName && m.noName) {
			m.to(sawCR)
			return true
		}
	}
	if !m.countExtension(i, l) {
		return false
	}
	switch empty := m.noName; m.state {
	case stExtName:
		switch {
		case tokenByte[c]:
			m.noName = false
			return true
		case c == '=' && !empty:
			m.to(sawEquals)
			return true
		case c == ';' && !empty:
			return m.nextExtension()
		}
	case stExtValue:
		switch {
		case tokenByte[c]:
			m.to(sawByte)
			return true
		case c == '"':
			m.to(sawQuote)
			return true
		}
	case stExtToken:
		switch {
		case tokenByte[c]:
			return true
		case c == ';':
			return m.nextExtension()
		}
	case stExtQuoted:
		switch {
		case class[c]&isQuoted != 0:
			return true
		case c == '\\':
			m.to(sawBackslash)
			return true
		case c == '"':
			m.to(sawQuote)
			return true
		}
	case stExtEscape:
		if class[c]&isText != 0 {
			m.to(sawByte)
			return true
		}
	case stExtClosed:
		if c == ';' {
			return m.nextExtension()
		}
	}
	if c == '\n' {
		m.fail(ruleChunkLineEnd, i, "the line of a chunk's size ends with LF alone")
	} else {
		m.fail(ruleExtension, i, "a chunk extension holds "+octet(c)+" where it must not")
	}
	return false
}

func (m *machine) nextExtension() bool {
	m.to(sawSemicolon)
	m.noName = true
	return true
}

// countExtension counts a byte of an extension. Many small chunks with long
// extensions cost the server far more than the data is worth (CVE-2023-39326):
// so their sum may exceed the data that came only by a little.
func (m *machine) countExtension(i int, l *Limits) bool {
	m.extLine++
	m.ext++
	if line := limit(l.ExtensionLine, defaultExtensionLine); m.extLine > line {
		m.fail(ruleExtensionLine, i, "more than "+decimal(line)+" bytes of extensions in one chunk")
		return false
	}
	if body := limit(l.ExtensionBody, defaultExtensionBody); body != noLimit && m.ext > m.data+int64(body) {
		m.fail(ruleExtensionBody, i, "more than "+decimal(body)+" bytes of chunk extensions beyond the data")
		return false
	}
	return true
}
