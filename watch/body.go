package watch

import (
	"bytes"
	"strconv"

	"github.com/genkan-http/genkan/trace"
)

// body counts what follows one head on the wire.
type body struct {
	from int64 // where it begins: the end of the head
	upTo int64 // what has been moved on this connection, in all
	size int64 // as announced; unsized: in chunks, or up to the close
	told int64 // how much of it has been shown
}

const unsized = -1

// newBody begins after the head e; size is for a head that announces nothing.
func newBody(e *trace.Event, size int64) body {
	b := body{from: e.Off + int64(e.Len), size: size}
	if n, ok := announced(e.Data); ok {
		b.size = n
	}
	return b
}

// got is how much of the body there is. What follows an announced length is
// the next message.
func (b *body) got() int64 {
	if b.from == 0 {
		return 0
	}
	n := max(b.upTo-b.from, 0)
	if b.size >= 0 {
		n = min(n, b.size)
	}
	return n
}

func (b *body) whole() bool { return b.size > 0 && b.got() == b.size }

// announced reads Content-Length or Transfer-Encoding. It only counts for the
// eye: a head that says both, or nonsense, has been judged elsewhere.
func announced(head []byte) (size int64, ok bool) {
	for line := range bytes.Lines(head) {
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			continue
		}
		if bytes.EqualFold(name, []byte("Transfer-Encoding")) {
			return unsized, true
		}
		if bytes.EqualFold(name, []byte("Content-Length")) {
			n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
			if err == nil && n >= 0 {
				size, ok = n, true
			}
		}
	}
	return size, ok
}
