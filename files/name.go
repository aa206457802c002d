package files

// The two ways in which a file's name leaves the house: in a reference, where
// it is exact, and before human eyes, where it must not deceive. A name on
// disk is any bytes but NUL and slash; whoever may write a file chooses them.

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escapeName percent-encodes a name as one segment of a path: everything but
// unreserved characters (RFC 3986, 2.3), so no name can become a scheme, a
// query, a host or markup.
func escapeName(name string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(name)+8)
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// displayName makes visible what a name would hide or do: control characters,
// bytes that are not UTF-8, and characters that are invisible or turn the
// direction of the text ("exe.gpj" for "jpg.exe"). The result is text, not
// HTML.
func displayName(name string) string {
	if isPlainText(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		c, width := utf8.DecodeRuneInString(name[i:])
		switch {
		case c == utf8.RuneError && width == 1:
			fmt.Fprintf(&b, "‹%02X›", name[i])
		case c < ' ':
			b.WriteRune('␀' + c)
		case c == 0x7f:
			b.WriteRune('␡')
		case deceives(c):
			fmt.Fprintf(&b, "‹U+%04X›", c)
		default:
			b.WriteRune(c)
		}
		i += width
	}
	return b.String()
}

func isPlainText(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// deceives reports whether c shows nothing or moves its neighbours: C1
// controls, format characters (category Cf, which holds the direction
// overrides), line separators, odd spaces, characters for private use. Joiners between
// letters are needed by some scripts and by emoji, and stay.
func deceives(c rune) bool {
	switch c {
	case 0x200c, 0x200d:
		return false
	case 0x3000: // the ideographic space, common in Japanese names
		return false
	case 0x115f, 0x1160, 0x3164, 0xffa0: // Hangul fillers: letters without a shape
		return true
	}
	return !unicode.IsPrint(c) && !unicode.Is(unicode.Mn, c) && c != ' '
}
