package record

// Answered reports whether received holds a whole final answer to the request
// sent, so that nothing more is to be waited for.
func Answered(sent, received []byte) bool {
	request, ok := readMessage(sent, 0, true, "")
	if !ok {
		return false
	}
	for {
		m, ok := readMessage(received, 0, false, request.method)
		if !ok {
			return false
		}
		if m.status >= 200 || m.status == 101 {
			return m.complete
		}
		received = received[m.Len:]
	}
}

// HiddenIn is the ranges of received that are values of secret fields: in the
// heads and trailers of the answers to the request sent, and in what cannot be
// read as one, everything that looks like such a field. Bodies are left alone.
func HiddenIn(sent, received []byte, secret func(name string) bool) [][2]int64 {
	ranges := [][2]int64{}
	request, _ := readMessage(sent, 0, true, "")
	for at := int64(0); at < int64(len(received)); {
		m, ok := readMessage(received[at:], at, false, request.method)
		if !ok {
			return append(ranges, secretLines(received[at:], at, secret)...)
		}
		ranges = append(ranges, m.secrets(secret)...)
		at = m.Body.Off + m.Body.Len
		switch {
		case m.Body.Framing == "chunked" && !m.complete: // trailers may have begun
			return append(ranges, secretLines(received[at:], at, secret)...)
		case m.status == 101 || !m.complete:
			return ranges // what follows is another protocol's, or the body's
		}
	}
	return ranges
}
