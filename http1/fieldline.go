package http1

import (
	"math/bits"
	"strconv"
)

// fieldLines scans field lines up to the empty line that ends their section. True:
// the section is whole and ends at m.pos. False: in ended first, or m.err is set.
//
// Most lines are taken whole, by plainLines. The cases are for the others, and fall
// through because even of those nearly every one has arrived; a case is entered by
// name only where the caller's bytes ended last time.
func (m *machine) fieldLines(in []byte, l *Limits) bool {
	perLine, most := limit(l.FieldLine, defaultFieldLine), limit(l.Fields, defaultFields)
	if m.trailers {
		most = limit(l.TrailerFields, defaultTrailerFields)
	}
	i, st := m.pos, m.state
	for {
		end := m.bound
		if st != stField && st != stHeadLF && st != stTrailerLF {
			end = min(end, m.line+perLine)
		}
		b := in[:min(len(in), end)]
		switch st {
		case stField:
			i = m.plainLines(b, i, perLine, most)
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			if b[i] == '\r' {
				st = st.after(m.sectionEnd())
				i++
				continue
			}
			if len(m.marks) >= most || b[i] == ' ' || b[i] == '\t' {
				m.badLine(b, i, most)
				return false
			}
			m.line = i
			end = min(end, i+perLine)
			b = in[:min(len(in), end)]
			st = st.after(sawByte)
			fallthrough
		case stName:
			i = tokenEnd(b, i)
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			if b[i] != ':' || i == m.line {
				m.badName(b, i)
				return false
			}
			m.marks = append(m.marks, mark{line: uint32(m.line), colon: uint32(i), name: commonIn(b[m.line:i])})
			i++
			st = st.after(sawColon)
			fallthrough
		case stOWS:
			for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
				i++
			}
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			m.marks[len(m.marks)-1].value = uint32(i)
			st = st.after(sawByte)
			fallthrough
		case stValue:
			i = nextControl(b, i)
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			if b[i] != '\r' {
				m.badValue(b, i)
				return false
			}
			k := &m.marks[len(m.marks)-1]
			k.end = uint32(valueEnd(b, int(k.value), i))
			i++
			st = st.after(sawCR)
			fallthrough
		case stValueLF:
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			if !m.lineEnd(b[i], i) {
				return false
			}
			i++
			st = st.after(sawLF)
		case stHeadLF, stTrailerLF:
			if i >= len(b) {
				return m.starved(st, i, in, end)
			}
			if !m.lineEnd(b[i], i) {
				return false
			}
			m.pos = i + 1
			m.state = st.after(sawLF)
			return true
		default:
			panic("http1: field lines in the wrong state")
		}
	}
}

// plainLines takes the lines of b from i on that are here whole and as most are: a
// common name, a value, CR LF. It returns where the first other one begins, of
// which fieldLines finds out what it is.
func (m *machine) plainLines(b []byte, i, perLine, most int) int {
	marks := m.marks
	for len(marks) < most {
		colon := colonNear(b, i)
		if colon < 0 {
			break
		}
		name := commonIn(b[i:colon])
		if name == 0 {
			break
		}
		value := colon + 1
		for value < len(b) && (b[value] == ' ' || b[value] == '\t') {
			value++
		}
		cr := nextControl(b, value)
		if cr+2 > len(b) || cr+2 > i+perLine || b[cr] != '\r' || b[cr+1] != '\n' {
			break
		}
		end := valueEnd(b, value, cr)
		marks = append(marks, mark{uint32(i), uint32(colon), uint32(value), uint32(end), name})
		i = cr + 2
	}
	m.marks = marks
	return i
}

// colonNear is the index in b, from i on, of the first colon, if it comes soon
// enough to end a common name and not in the last bytes of b; else -1.
func colonNear(b []byte, i int) int {
	for stop := i + commonLongest; i <= stop && i+8 <= len(b); i += 8 {
		w := word(b[i:i+8:i+8]) ^ ':'*eachByte
		if found := (w - eachByte) &^ w & highBits; found != 0 {
			return i + bits.TrailingZeros64(found)>>3
		}
	}
	return -1
}

// tokenEnd is the index in b, from i on, of the first byte that is not a
// token's, or len(b).
func tokenEnd(b []byte, i int) int {
	for k, c := range b[i:] {
		if !tokenByte[c] {
			return i + k
		}
	}
	return len(b)
}

// valueEnd is where b[from:to] ends without the white space behind it.
func valueEnd(b []byte, from, to int) int {
	for to > from && (b[to-1] == ' ' || b[to-1] == '\t') {
		to--
	}
	return to
}

func (m *machine) sectionEnd() seen {
	if m.trailers {
		return sawTrailersEnd
	}
	return sawSectionEnd
}

// starved remembers where in ended, or refuses the byte that is one too many.
func (m *machine) starved(st state, i int, in []byte, end int) bool {
	m.state, m.pos = st, i
	switch {
	case len(in) <= end:
	case end < m.bound:
		m.fail(ruleFieldLine, end, "a field line of more than "+decimal(end-m.line)+" bytes: "+quote(in[m.line:end]))
	case m.trailers:
		m.fail(ruleTrailerBytes, end, "a trailer section of more than "+decimal(end)+" bytes")
	default:
		m.fail(ruleHeadLength, end, "a head of more than "+decimal(end)+" bytes")
	}
	return false
}

func (m *machine) badLine(b []byte, i, most int) {
	space := b[i] == ' ' || b[i] == '\t'
	switch {
	case b[i] == '\n':
		m.bareLF(i)
	case space && len(m.marks) == 0:
		m.fail(ruleLeadingSpace, i, "the first field line begins with white space")
	case space:
		m.fail(ruleFold, i, "a line begins with white space, as if it continued the field before it")
	case m.trailers:
		m.fail(ruleTrailerCount, i, "more trailer fields than the limit of "+decimal(most))
	default:
		m.fail(ruleFieldCount, i, "more fields than the limit of "+decimal(most))
	}
}

func (m *machine) badName(b []byte, i int) {
	name := b[m.line:i]
	switch c := b[i]; {
	case c == '\n':
		m.bareLF(i)
	case c == ':':
		m.fail(ruleNameEmpty, i, "a field line begins with a colon")
	case c == '\r':
		m.fail(ruleColon, i, "a field line without a colon: "+quote(name))
	case c == ' ' || c == '\t':
		m.fail(ruleNameSpace, i, "white space after the field name "+quote(name))
	default:
		m.fail(ruleNameToken, i, "a field name holds "+octet(c)+" after "+quote(name))
	}
}

func (m *machine) badValue(b []byte, i int) {
	if b[i] == '\n' {
		m.bareLF(i)
		return
	}
	k := m.marks[len(m.marks)-1]
	m.fail(ruleValueByte, i, "the value of "+quote(b[k.line:k.colon])+" holds "+octet(b[i]))
}

func decimal(n int) string { return strconv.Itoa(n) }
