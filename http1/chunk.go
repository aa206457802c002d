package http1

import "strconv"

// chunked scans a body of chunks, RFC 9112 7.1, up to the next data or the end.
// All but the trailers is used up byte by byte, so that nothing of it has to be
// held by the caller.
func (m *machine) chunked(in []byte, l *Limits, trailers *[]Field) (used int, ev Event) {
	for i := 0; ; {
		switch m.state {
		case stChunkData:
			m.use(i)
			n, ev := m.known(in[i:])
			return i + n, ev
		case stField, stName, stOWS, stValue, stValueLF, stTrailerLF:
			if i > 0 {
				m.use(i)
			}
			return i + m.trailerSection(in[i:], l, trailers), Event{}
		}
		if i == len(in) {
			m.use(i)
			return i, Event{}
		}
		if !m.chunkByte(in[i], i, l) {
			return 0, Event{}
		}
		i++
	}
}

// chunkByte is one byte of what stands around a chunk's data.
func (m *machine) chunkByte(c byte, i int, l *Limits) bool {
	switch m.state {
	case stChunkSize:
		return m.sizeByte(c, i, l)
	case stChunkLF:
		if c != '\n' {
			m.fail(ruleChunkLineEnd, i, "a CR and "+octet(c)+" end the line of a chunk's size")
			return false
		}
		m.digits, m.extLine = 0, 0
		if m.left > 0 {
			m.to(sawLF)
			return true
		}
		m.to(sawLastChunk)
		m.trailers = true
		m.marks = m.marks[:0]
		m.bound = headLimit(l.TrailerBytes, defaultTrailerBytes)
		return true
	case stDataCR, stDataLF:
		want, what := byte('\r'), sawCR
		if m.state == stDataLF {
			want, what = '\n', sawLF
		}
		if c != want {
			m.fail(ruleChunkEnd, i, "a chunk's data is followed by "+octet(c)+", not by CR LF")
			return false
		}
		m.to(what)
		return true
	}
	return m.extensionByte(c, i, l)
}

// sizeByte is one byte of a chunk's size, or the one after it.
func (m *machine) sizeByte(c byte, i int, l *Limits) bool {
	switch {
	case class[c]&isHex != 0:
		if m.digits == 0 {
			m.left = 0
		}
		if m.digits == 16 {
			m.fail(ruleChunkSize, i, "a chunk's size has more than 16 digits")
			return false
		}
		if m.left >= 1<<59 {
			m.fail(ruleChunkRange, i, "a chunk's size is not below 2^63: "+strconv.FormatInt(m.left, 16)+string(c))
			return false
		}
		m.digits++
		m.left = m.left<<4 | int64(hexValue(c))
		return true
	case m.digits == 0:
		m.fail(ruleChunkSize, i, "a chunk's size begins with "+octet(c))
	case c == '\r':
		m.to(sawCR)
		return true
	case c == ';':
		m.to(sawSemicolon)
		m.noName = true // no byte of the name yet
		return m.countExtension(i, l)
	case c == '\n':
		m.fail(ruleChunkLineEnd, i, "the line of a chunk's size ends with LF alone")
	default:
		m.fail(ruleChunkSize, i, "a chunk's size is followed by "+octet(c))
	}
	return false
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c&0x07 + 9
}

func decimal64(n int64) string { return strconv.FormatInt(n, 10) }

// trailerSection scans the field lines after the last chunk. It uses nothing
// until the section is whole, which then becomes one string.
func (m *machine) trailerSection(in []byte, l *Limits, trailers *[]Field) (used int) {
	if !m.fieldLines(in, l) {
		return 0
	}
	used = m.pos
	if len(m.marks) > 0 {
		section := Fields{string(in[:used]), m.marks}
		fields := section.List()
		for i := range fields {
			if ForbiddenTrailer(fields[i].Name) {
				m.fail(ruleTrailerField, int(m.marks[i].line), "the field "+quote(fields[i].Name)+" among the trailers")
				return 0
			}
		}
		*trailers = fields
	}
	m.use(used)
	return used
}
