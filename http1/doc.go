// Package http1 turns text into HTTP/1.1 messages and messages into text. It
// has no clock, no network, no goroutine and no lock: the same bytes give the
// same events, whoever brings them and in whatever pieces.
//
//	bytes ── Next ──► head ─► body ─► body ─► end        RequestParser, ResponseParser
//	bytes ◄─ Append… ── status, fields, body             the serializer
//
// The caller owns the bytes and the reading of them. It calls Next with what
// has arrived and not been used yet; Next says how many bytes it used and what
// they were, as a bufio.SplitFunc does:
//
//	for {
//		n, ev, err := p.Next(in, atEOF)
//		in = in[n:]
//		switch {
//		case err != nil: // *Error: what to answer, which rule, at which byte
//		case ev.Kind == http1.EventNeedMore: // append more bytes to in, then call again
//		case ev.Kind == http1.EventHead: // p.Request is filled
//		case ev.Kind == http1.EventBody: // ev.Data
//		case ev.Kind == http1.EventEnd: // the message is whole; the next call starts the next one
//		}
//	}
//
// A head, and a trailer section, is used as one piece: the caller's buffer must
// be able to hold [Limits].Head bytes and one more, by which a longer head is
// recognised. Everything else is used as it comes.
//
// A head becomes ONE string, and method, target, names and values are slices
// of it. Nothing that was handed out changes later, except the Request or
// Response struct itself and its Fields slice, which the next head reuses.
//
// What is refused, and by which sentence of which RFC, stands in rules.go; the
// states and all changes between them in state.go, drawn in states.md.
package http1
