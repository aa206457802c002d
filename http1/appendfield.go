package http1

import "strconv"

// AppendField appends one field line. A CR or LF in the value becomes a space
// and white space around it goes, as net/http does; with another control
// character in the value, or a name that is no token, nothing is appended and
// ok is false. So no value can end its line and begin another.
func AppendField(dst []byte, name, value string) (out []byte, ok bool) {
	if !allToken(name) {
		return dst, false
	}
	if end := nextControlIn(value); end < len(value) {
		return appendCleaned(dst, name, value)
	}
	if value != "" && (value[0] <= ' ' || value[len(value)-1] <= ' ') {
		value = trimOWS(value)
	}
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...), true
}

// nextControlIn is nextControl for strings.
func nextControlIn(s string) int {
	i := 0
	for i+8 <= len(s) {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		del := w ^ 0x7f*eachByte
		if ((w-0x20*eachByte)&^w|(del-eachByte)&^del)&highBits != 0 {
			break
		}
		i += 8
	}
	for i < len(s) && class[s[i]]&isText != 0 {
		i++
	}
	return i
}

// appendCleaned is AppendField for a value that holds control characters.
func appendCleaned(dst []byte, name, value string) (out []byte, ok bool) {
	out = append(dst, name...)
	out = append(out, ": "...)
	from := len(out)
	for i := range len(value) {
		c := value[i]
		if c == '\r' || c == '\n' {
			c = ' '
		}
		switch {
		case class[c]&isText == 0:
			return out[:len(dst)], false
		case len(out) == from && (c == ' ' || c == '\t'):
		default:
			out = append(out, c)
		}
	}
	for len(out) > from && (out[len(out)-1] == ' ' || out[len(out)-1] == '\t') {
		out = out[:len(out)-1]
	}
	return append(out, "\r\n"...), true
}

// AppendContentLength appends the field line Content-Length: n. A negative n
// is no length, and nothing is appended.
func AppendContentLength(dst []byte, n int64) []byte {
	if n < 0 {
		return dst
	}
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

// AppendHeadEnd appends the empty line that ends a head.
func AppendHeadEnd(dst []byte) []byte { return append(dst, "\r\n"...) }

// AppendRequestLine appends "GET /path HTTP/1.1" with its CR LF. A method that
// is no token of up to 32 bytes, or a target that a parser would refuse for its
// bytes, would make another request than the caller meant: nothing is appended.
func AppendRequestLine(dst []byte, method, target string) []byte {
	if !allToken(method) || len(method) > maxMethod || target == "" {
		return dst
	}
	for i := range len(target) {
		if class[target[i]]&isTarget == 0 {
			return dst
		}
	}
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	return append(dst, " HTTP/1.1\r\n"...)
}
