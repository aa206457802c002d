package http1

// forbiddenTrailers are the fields that mean something before the body is read:
// framing, routing, conditions and controls, authentication, answers' control
// data, content. RFC 9110 6.5.1, and the list of RFC 7230 4.1.2 it grew from.
var forbiddenTrailers = [...]string{
	"age", "authorization", "cache-control", "connection", "content-encoding",
	"content-length", "content-range", "content-type", "cookie", "date", "expect",
	"expires", "forwarded", "host", "if-match", "if-modified-since",
	"if-none-match", "if-range", "if-unmodified-since", "keep-alive", "location",
	"max-forwards", "pragma", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "range", "retry-after", "set-cookie", "te", "trailer",
	"transfer-encoding", "upgrade", "vary", "warning", "www-authenticate",
}

// ForbiddenTrailer reports whether a field of this name must not be a trailer.
// [AppendLastChunk] leaves such fields out, the parsers refuse them.
func ForbiddenTrailer(name string) bool {
	for _, f := range forbiddenTrailers {
		if len(f) == len(name) && equalFold(name, f) {
			return true
		}
	}
	return false
}
