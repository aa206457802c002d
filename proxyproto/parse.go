package proxyproto

// MaxLen is how long a header may be. The document allows 65,551 bytes in
// version 2 and recommends 536; what is in use (names, certificates' subjects,
// identifiers of clouds) stays well below 4 KiB.
const MaxLen = 4096

// Parse reads the header at the beginning of in, which is everything that the
// connection has brought so far; atEOF says that no more will come. n is how
// many bytes the header has; 0 with a nil error means that it is not whole yet
// and Parse is to be called again when there is more. Errors are [*Error].
//
// Bytes are refused as soon as no continuation could make them a header. How
// they were divided on the way makes no difference to the result.
func Parse(in []byte, atEOF bool) (h Header, n int, err error) {
	var e *Error
	switch {
	case len(in) > 0 && in[0] == signature[0]:
		h, n, e = parse2(in)
	default:
		h, n, e = parse1(in)
	}
	if e == nil && n == 0 && atEOF {
		e = &Error{ruleWhole, len(in), "the header ends after " + quote(string(in))}
	}
	switch {
	case e != nil:
		return Header{}, 0, e
	case n == 0:
		return Header{}, 0, nil // half a header says nothing
	}
	return h, n, nil
}

// begins compares in with what it has to begin with, as far as it goes. all:
// the beginning is there.
func begins(in []byte, with string) (all bool, err *Error) {
	for i := 0; i < min(len(in), len(with)); i++ {
		if in[i] != with[i] {
			return false, &Error{ruleStart, i, "the connection begins with " + quote(string(in[:min(len(in), i+1)]))}
		}
	}
	return len(in) >= len(with), nil
}
