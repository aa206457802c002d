package decode

import (
	"fmt"
	"strings"
)

// The fields of HTTP/2: header blocks (RFC 9113 4.3), compressed by HPACK (RFC
// 7541).

// fragment adds a frame's part of a header block, and reads that if it is whole.
func (s *side2) fragment(f *frame2) {
	if f.kind == 9 && !s.block.open {
		s.lost = true // what it continues is not there
	}
	s.block.open = true
	s.block.bytes = append(s.block.bytes, s.wire[f.from:f.to]...)
	s.block.parts = append(s.block.parts, [2]int{f.from, f.to})
	if f.flags&4 == 0 {
		return
	}
	if s.lost || !s.readBlock() {
		s.hideBlock()
	}
	s.block = block2{}
}

// hideBlock gives up a block that cannot be read, and those after it: they may
// refer to its fields.
func (s *side2) hideBlock() {
	s.lost = true
	for _, part := range s.block.parts {
		s.hide(part[0], part[1])
		if part[0] < part[1] {
			s.add(part[0], part[1], Piece{Kind: "part", Name: "Field Block Fragment", Text: fmt.Sprint(part[1] - part[0]), Explain: "h2.unread"})
		}
	}
	s.block = block2{}
}

// readBlock reads its fields one by one; false: it breaks a rule of HPACK, or
// refers to fields that nobody has.
func (s *side2) readBlock() bool {
	b := &s.block
	first, secret := len(s.Pieces), false
	for at := 0; at < len(b.bytes); {
		n, how := representation(b.bytes[at:])
		if n == 0 {
			s.Pieces = s.Pieces[:first]
			return false
		}
		s.field = nil
		if _, err := s.table.Write(b.bytes[at : at+n]); err != nil {
			s.Pieces = s.Pieces[:first]
			return false
		}
		from, to := b.at(at), b.at(at+n-1)+1
		switch f := s.field; {
		case f != nil:
			name := strings.ToLower(f.Name)
			hidden := s.secret != nil && s.secret(name)
			secret = secret || hidden
			if s.Truncated {
				break // a field may be one byte here and thousands there
			}
			value := valid(f.Value)
			if hidden {
				value = strings.Repeat("*", len(f.Value))
			}
			s.add(from, to, Piece{Kind: "field", Name: valid(name), Text: value, Explain: "field." + valid(name)})
			s.add(from, from+1, Piece{Kind: "hpack", Explain: how})
		default:
			size, _ := integer(b.bytes[at:], 5)
			s.add(from, to, Piece{Kind: "part", Name: "Dynamic Table Size", Text: fmt.Sprint(size), Explain: how})
		}
		at += n
	}
	if s.table.Close() != nil {
		return false
	}
	if secret {
		for _, part := range b.parts {
			s.hide(part[0], part[1])
		}
	}
	return true
}

// representation is how long the first field representation is (RFC 7541 6),
// and the key of what it is; 0: it is not whole.
func representation(b []byte) (n int, how string) {
	switch first := b[0]; {
	case first&0x80 != 0:
		_, n = integer(b, 7)
		return n, "hpack.indexed"
	case first&0xe0 == 0x20:
		_, n = integer(b, 5)
		return n, "hpack.size"
	case first&0xc0 == 0x40:
		return literal(b, 6), "hpack.indexing"
	case first&0xf0 == 0x10:
		return literal(b, 4), "hpack.never"
	}
	return literal(b, 4), "hpack.plain"
}

// literal is how long a literal field is, whose index has so many bits: a name
// follows if the index is 0, and a value.
func literal(b []byte, bits int) int {
	index, at := integer(b, bits)
	if at == 0 {
		return 0
	}
	texts := 1
	if index == 0 {
		texts = 2
	}
	for range texts {
		if at >= len(b) {
			return 0
		}
		length, n := integer(b[at:], 7)
		if n == 0 || length > uint64(len(b)-at-n) {
			return 0
		}
		at += n + int(length)
	}
	return at
}

// integer reads one with a prefix of so many bits (RFC 7541 5.1), and says how
// long it is; 0: it is not whole, or larger than any that makes sense.
func integer(b []byte, bits int) (value uint64, n int) {
	most := uint64(1)<<bits - 1
	value = uint64(b[0]) & most
	if value < most {
		return value, 1
	}
	for i := 1; i < len(b) && i < 6; i++ {
		value += uint64(b[i]&0x7f) << (7 * (i - 1))
		if b[i]&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}
