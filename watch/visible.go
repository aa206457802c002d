package watch

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// textKind is what a text is, and so what is escaped in it beside what does not
// print.
type textKind uint8

const (
	asText     textKind = iota // the backslash, so that an escape cannot be imitated
	inQuotes                   // that and the double quote
	withQuotes                 // nothing: words of ours in which those of others are quoted already
)

// appendVisible appends s so that it can do nothing to a terminal and fool no
// reader: what does not print, or is not UTF-8, is escaped as Go does in
// quoted strings. A space that is not U+0020 does not count as printing.
func appendVisible[T string | []byte](dst []byte, s T, as textKind) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendVisibleByte(dst, c, as)
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

func appendVisibleByte(dst []byte, c byte, as textKind) []byte {
	switch {
	case c == '\\' && as != withQuotes:
		return append(dst, `\\`...)
	case c == '"' && as == inQuotes:
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
