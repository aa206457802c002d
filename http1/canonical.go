package http1

// common is the number of a common field name; 0: it is none. The names that frame
// a message have theirs by name, for framing.go.
type common uint8

const (
	commonHost common = iota + 1
	commonExpect
	commonConnection
	commonContentLength
	commonTransferEncoding
)

// commonNames are interned: one of these, as it is canonical or all in lower
// case, is found by two comparisons, is then known to be a token, and the map of a
// request's fields compares its key with itself.
var commonNames = [...]string{
	commonHost:             "Host",
	commonExpect:           "Expect",
	commonConnection:       "Connection",
	commonContentLength:    "Content-Length",
	commonTransferEncoding: "Transfer-Encoding",

	"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges",
	"Access-Control-Request-Headers", "Access-Control-Request-Method", "Age", "Allow",
	"Authorization", "Cache-Control", "Cf-Connecting-Ip", "Cf-Ipcountry", "Cf-Ray",
	"Cf-Visitor", "Content-Disposition", "Content-Encoding", "Content-Language",
	"Content-Range", "Content-Type", "Cookie", "Date", "Dnt", "Etag", "Expires",
	"Forwarded", "From", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
	"If-Unmodified-Since", "Keep-Alive", "Last-Modified", "Link", "Location", "Origin",
	"Pragma", "Priority", "Proxy-Authorization", "Proxy-Connection", "Purpose", "Range",
	"Referer", "Retry-After", "Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform",
	"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-Gpc",
	"Sec-Purpose", "Sec-Websocket-Extensions", "Sec-Websocket-Key",
	"Sec-Websocket-Protocol", "Sec-Websocket-Version", "Server", "Set-Cookie", "Te",
	"Traceparent", "Tracestate", "Trailer", "Upgrade", "Upgrade-Insecure-Requests",
	"User-Agent", "Vary", "Via", "Www-Authenticate", "X-Csrf-Token", "X-Forwarded-For",
	"X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Request-Id",
	"X-Requested-With",
}

const (
	// commonLongest is the length of the longest of them.
	commonLongest = len("Access-Control-Request-Headers")

	_ = common(len(commonNames)) // more would not have a number each
)

// spelling is how a name of commonNames may be written, and the number of the
// next one that shares its place.
type spelling struct {
	canonical, lower string
	next             common
}

// commonPlaces holds the first name of each place, spellings all by their number.
// A name's place is made of its length and of the bytes where most of them
// differ: few share one.
var commonPlaces, spellings = placeCommon()

func placeCommon() (first [256]common, all [len(commonNames)]spelling) {
	for i, s := range commonNames {
		if s == "" {
			continue
		}
		b := []byte(s)
		for i, c := range b {
			b[i] = lower(c)
		}
		at := commonPlace(len(s), s[0], s[len(s)/2], s[len(s)-1])
		all[i] = spelling{s, string(b), first[at]}
		first[at] = common(i)
	}
	return first, all
}

func commonPlace(n int, first, middle, last byte) uint8 {
	return uint8(n)*7 + (first|0x20)*3 + (middle|0x20)*5 + (last | 0x20)
}

// commonIn is the number of the name b.
func commonIn(b []byte) common {
	if len(b) == 0 {
		return 0
	}
	n := commonPlaces[commonPlace(len(b), b[0], b[len(b)/2], b[len(b)-1])]
	for n != 0 && string(b) != spellings[n].canonical && string(b) != spellings[n].lower {
		n = spellings[n].next
	}
	return n
}

// commonOf is commonIn for a string.
func commonOf(s string) common {
	if s == "" {
		return 0
	}
	n := commonPlaces[commonPlace(len(s), s[0], s[len(s)/2], s[len(s)-1])]
	for n != 0 && s != spellings[n].canonical && s != spellings[n].lower {
		n = spellings[n].next
	}
	return n
}

// CanonicalName is a field name in the canonical form of net/textproto: the first letter and
// each one after a hyphen in upper case, the others in lower case. What is no
// token comes back unchanged. A name that is canonical already, or common,
// costs no allocation.
func CanonicalName(s string) string {
	if n := commonOf(s); n != 0 {
		return commonNames[n]
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
	if n := commonIn(b); n != 0 {
		return commonNames[n] // in some third spelling
	}
	return string(b)
}
