package watch

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// appendVisible appends s so that it can do nothing to a terminal and fool no
// reader: what does not print, or is not UTF-8, is escaped as Go does in
// quoted strings, and the backslash too, so that an escape cannot be imitated.
// A space that is not U+0020 does not count as printing. quoted escapes the
// double quote as well.
func appendVisible[T string | []byte](dst []byte, s T, quoted bool) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendVisibleByte(dst, c, quoted)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		switch {
		case r == utf8.RuneError && size == 1:
			dst = fmt.Appendf(dst, `\x%02x`, c)
		case unicode.IsPrint(r):
			dst = append(dst, s[i:i+size]...)
		case r > 0xffff:
			dst = fmt.Appendf(dst, `\U%08x`, r)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		}
		i += size
	}
	return dst
}

func appendVisibleByte(dst []byte, c byte, quoted bool) []byte {
	switch {
	case c == '\\':
		return append(dst, `\\`...)
	case c == '"' && quoted:
		return append(dst, `\"`...)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\r':
		return append(dst, `\r`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c < ' ' || c == 0x7f:
		return fmt.Appendf(dst, `\x%02x`, c)
	}
	return append(dst, c)
}
