package http1

// Fields are the field lines of a head, in the order of the wire. They are kept
// as places in the head's one string, not as strings: a list of strings that is
// filled again for each head would cost the collector more than its reading does
// (BenchmarkTurn, a browser's GET: 2.63 us with strings, 2.54 this way).
//
// They stay what they are until the parser has read the next head.
type Fields struct {
	section string
	marks   []mark
}

// mark is where a field line's name and value lie.
type mark struct {
	line, colon, value, end uint32
	name                    common // 0: some other name, or spelled in another way
}

// Len is how many there are.
func (f *Fields) Len() int { return len(f.marks) }

// At is the field at i, from 0 on.
func (f *Fields) At(i int) Field { return Field{f.Name(i), f.Value(i)} }

// Name is the name of the field at i, as it was sent.
func (f *Fields) Name(i int) string {
	k := &f.marks[i]
	return f.section[k.line:k.colon]
}

// Canonical is the name of the field at i as [CanonicalName] has it.
func (f *Fields) Canonical(i int) string {
	if n := f.marks[i].name; n != 0 {
		return commonNames[n]
	}
	return CanonicalName(f.Name(i))
}

// Value is the value of the field at i, without the white space around it.
func (f *Fields) Value(i int) string {
	k := &f.marks[i]
	return f.section[k.value:k.end]
}

// List is all of them, in memory of the caller's own.
func (f *Fields) List() []Field {
	if len(f.marks) == 0 {
		return nil
	}
	list := make([]Field, len(f.marks))
	for i := range list {
		list[i] = f.At(i)
	}
	return list
}

// forget drops the head, and keeps the memory of the places.
func (f *Fields) forget() { *f = Fields{marks: f.marks[:0]} }

// take makes them the fields of section, whose places m has found, and gives m
// the memory of the last.
func (f *Fields) take(section string, m *machine) {
	f.section = section
	f.marks, m.marks = m.marks, f.marks[:0]
}
