package http1

// commonNames are interned, so that the ordinary name in any case costs no
// allocation to bring into canonical form.
var commonNames = func() map[string]string {
	m := make(map[string]string)
	for _, s := range [...]string{
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
	} {
		m[s] = s
	}
	return m
}()

// CanonicalName is a field name in the canonical form of net/textproto: the first letter and
// each one after a hyphen in upper case, the others in lower case. What is no
// token comes back unchanged. A name that is canonical already, or common,
// costs no allocation.
func CanonicalName(s string) string {
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
	if known, ok := commonNames[string(b)]; ok {
		return known
	}
	return string(b)
}
