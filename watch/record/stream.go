package record

// chunk is what one call moved, or a part of it: a range of a connection's
// stream, and the bytes as far as they are kept.
type chunk struct {
	off  int64
	len  int64
	data []byte // the first of them
	seq  uint64 // of the event
}

// stream is chunks in order.
type stream []chunk

func (s stream) size() (n int64) {
	for i := range s {
		n += s[i].len
	}
	return n
}

func (s stream) kept() (n int64) {
	for i := range s {
		n += int64(len(s[i].data))
	}
	return n
}

// whole: all bytes are kept.
func (s stream) whole() bool { return s.kept() == s.size() }

// split is s before and from off on. The data are shared.
func (s stream) split(off int64) (before, after stream) {
	for i := range s {
		one := s[i]
		switch {
		case one.off+one.len <= off:
			before = append(before, one)
		case one.off >= off:
			after = append(after, one)
		default:
			a, b := one.split(off)
			before, after = append(before, a), append(after, b)
		}
	}
	return before, after
}

func (c chunk) split(off int64) (before, after chunk) {
	n := off - c.off
	before, after = c, c
	before.len = n
	before.data = c.data[:min(n, int64(len(c.data))):min(n, int64(len(c.data)))]
	after.off, after.len = off, c.len-n
	after.data = c.data[min(n, int64(len(c.data))):]
	return before, after
}

// within is the part of c in [from, to).
func (c chunk) within(from, to int64) (chunk, bool) {
	if c.off+c.len <= from || c.off >= to {
		return c, false
	}
	if c.off < from {
		_, c = c.split(from)
	}
	if c.off+c.len > to {
		c, _ = c.split(to)
	}
	return c, true
}

// bytes are the kept ones from off on without a gap.
func (s stream) bytes(off int64) (all []byte) {
	for i := range s {
		one := s[i]
		if one.off+one.len <= off {
			continue
		}
		skip := max(off-one.off, 0)
		if one.off > off || skip > int64(len(one.data)) {
			return all
		}
		all = append(all, one.data[skip:]...)
		if int64(len(one.data)) < one.len {
			return all
		}
		off = one.off + one.len
	}
	return all
}
