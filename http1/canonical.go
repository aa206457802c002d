package http1

// commonNames are interned: one of these, as it is canonical or all in lower
// case, is found by two comparisons, and the map of a request's fields compares
// its key with itself.
var commonNames = [...]string{
	"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges",
	"Access-Control-Request-Headers", "Access-Control-Request-Method", "Age", "Allow",
	"Authorization", "Cache-Control", "Cf-Connecting-Ip", "Cf-Ipcountry", "Cf-Ray",
	"Cf-Visitor", "Connection", "Content-Disposition", "Content-Encoding",
	"Content-Language", "Content-Length", "Content-Range", "Content-Type", "Cookie",
	"Date", "Dnt", "Etag", "Expect", "Expires", "Forwarded", "From", "Host", "If-Match",
	"If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since",
	"Keep-Alive", "Last-Modified", "Link", "Location", "Origin", "Pragma", "Priority",
	"Proxy-Authorization", "Proxy-Connection", "Purpose", "Range", "Referer",
	"Retry-After", "Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform",
	"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-Gpc",
	"Sec-Purpose", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
	"Sec-Websocket-Protocol", "Sec-Websocket-Version", "Server", "Set-Cookie", "Te",
	"Traceparent", "Tracestate", "Trailer", "Transfer-Encoding", "Upgrade",
	"Upgrade-Insecure-Requests", "User-Agent", "Vary", "Via", "Www-Authenticate",
	"X-Csrf-Token", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	"X-Real-Ip", "X-Request-Id", "X-Requested-With",
}

// common is where a name of commonNames is looked for: by its length and the
// bytes where most of them differ. Few of them share a place.
type common struct{ canonical, lower string }

var commonPlaces = func() (t [256][]common) {
	for _, s := range commonNames {
		b := []byte(s)
		for i, c := range b {
			b[i] = lower(c)
		}
		at := commonPlace(s)
		t[at] = append(t[at], common{s, string(b)})
	}
	return t
}()

func commonPlace(s string) uint8 {
	first, middle, last := s[0]|0x20, s[len(s)/2]|0x20, s[len(s)-1]|0x20
	return uint8(len(s))*7 + first*3 + middle*5 + last
}

// CanonicalName is a field name in the canonical form of net/textproto: the first letter and
// each one after a hyphen in upper case, the others in lower case. What is no
// token comes back unchanged. A name that is canonical already, or common,
// costs no allocation.
func CanonicalName(s string) string {
	if s == "" {
		return s
	}
	for i := range commonPlaces[commonPlace(s)] {
		if c := &commonPlaces[commonPlace(s)][i]; s == c.canonical || s == c.lower {
			return c.canonical
		}
	}
	upper := true
	for i := range len(s) {
		c := s[i]
		if !tokenByte[c] {
			return s
		}
		if c != canonicalByte(c, upper) {
			return canonicalize(s)
		}
		upper = c == '-'
	}
	return s
}

func canonicalByte(c byte, upper bool) byte {
	switch {
	case upper && c >= 'a' && c <= 'z':
		return c - 0x20
	case !upper && c >= 'A' && c <= 'Z':
		return c + 0x20
	}
	return c
}

func canonicalize(s string) string {
	var small [64]byte
	b := append(small[:0], s...)
	upper := true
	for i, c := range b {
		if !tokenByte[c] {
			return s
		}
		b[i] = canonicalByte(c, upper)
		upper = c == '-'
	}
	for _, c := range commonPlaces[commonPlace(s)] {
		if string(b) == c.canonical {
			return c.canonical // in some third spelling
		}
	}
	return string(b)
}
