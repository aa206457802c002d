package http1

// Character classes of RFC 9110 5.6 and RFC 3986, one bit each, so that every
// scan is one look-up per byte.
const (
	isToken  uint8 = 1 << iota // tchar
	isTarget                   // what a request target may hold
	isHost                     // reg-name without "%" and ","
	isHex
	isText   // field value, reason phrase: VCHAR, obs-text, space, tab
	isQuoted // qdtext: isText without quote and backslash
)

var class = makeClass()

// tokenByte is class[c]&isToken as a table of its own: names are the hottest scan.
var tokenByte = makeTokenByte()

func makeClass() (t [256]uint8) {
	set := func(s string, bit uint8) {
		for i := range len(s) {
			t[s[i]] |= bit
		}
	}
	const alnum = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	set(alnum+"!#$%&'*+-.^_`|~", isToken)
	set(alnum+"-._~"+"!$&'()*+;=", isHost)
	set("0123456789abcdefABCDEF", isHex)
	for c := 0x21; c <= 0x7e; c++ {
		t[c] |= isTarget
	}
	// RFC 3986 leaves out "\", "^", "`", "{", "|" and "}" too, but browsers
	// send them raw in queries.
	for _, c := range []byte("#\"<>") {
		t[c] &^= isTarget
	}
	for c := range 256 {
		if c >= 0x20 && c != 0x7f || c == '\t' {
			t[c] |= isText
			if c != '"' && c != '\\' {
				t[c] |= isQuoted
			}
		}
	}
	return t
}

func makeTokenByte() (t [256]bool) {
	for c := range t {
		t[c] = class[c]&isToken != 0
	}
	return t
}

// allToken reports whether s is a token of RFC 9110 5.6.2.
func allToken(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

// equalFold compares ASCII without case; want is in lower case.
func equalFold(s, want string) bool {
	if len(s) != len(want) {
		return false
	}
	for i := range len(s) {
		if lower(s[i]) != want[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// trimOWS strips optional white space, RFC 9110 5.6.3: space and tab.
func trimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}
