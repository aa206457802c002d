package http1

// Limits bounds what a peer may send. Zero means the default, a negative value
// means none; a limit is breached by the first byte beyond it, at once.
type Limits struct {
	RequestLine   int // bytes of the start line with its CR LF: 8 KiB; beyond it 414
	Head          int // bytes of the head, the empty line included: 32 KiB; never more than MaxHead; beyond it 431
	FieldLine     int // bytes of one field line with its CR LF: 16 KiB; beyond it 431
	Fields        int // field lines of a head: 100; beyond it 431
	TrailerFields int // field lines of a trailer section: 32; beyond it 431
	TrailerBytes  int // bytes of a trailer section: 8 KiB; never more than MaxHead; beyond it 431
	ExtensionLine int // bytes of the extensions of one chunk: 256; beyond it 400
	ExtensionBody int // bytes of the extensions of a body beyond one per byte of data: 4 KiB; beyond it 400
}

// MaxHead is what [Limits].Head and [Limits].TrailerBytes are capped at, "no
// limit" included, because a head is held in memory as one piece.
const MaxHead = 1 << 20

const (
	defaultRequestLine   = 8 << 10
	defaultHead          = 32 << 10
	defaultFieldLine     = 16 << 10
	defaultFields        = 100
	defaultTrailerFields = 32
	defaultTrailerBytes  = 8 << 10
	defaultExtensionLine = 256
	defaultExtensionBody = 4 << 10

	noLimit = 1 << 30 // more than any head, and can be added to without overflow
)

// limit reads one field of Limits.
func limit(set, otherwise int) int {
	switch {
	case set == 0:
		return otherwise
	case set < 0:
		return noLimit
	}
	return set
}

// headLimit is limit for what must fit into memory.
func headLimit(set, otherwise int) int {
	return min(limit(set, otherwise), MaxHead)
}

// BufferSize is how many bytes of a message the caller must be able to hold
// for a parser with these limits: the longest head or trailer section, and one.
func (l Limits) BufferSize() int {
	return max(headLimit(l.Head, defaultHead), headLimit(l.TrailerBytes, defaultTrailerBytes)) + 1
}
