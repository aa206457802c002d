package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// printable is s as a terminal may be shown it: what it would obey instead of
// showing (control characters, escape sequences, marks that turn the direction
// of writing) and what is no UTF-8 is spelled out, as Go spells it in a string.
// The backslash is doubled, so that nobody can write what we spell.
func printable(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '\\' {
			return string(appendPrintable(nil, s, ""))
		}
	}
	return s
}

// printableText is printable for a text of ours that may hold words of others:
// its lines and backslashes stay.
func printableText(s string) string { return string(appendPrintable(nil, s, "\n\\")) }

// appendPrintable leaves the characters in keep as they are.
func appendPrintable(dst []byte, s, keep string) []byte {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, '\\', 'x', hexDigits[s[i]>>4], hexDigits[s[i]&15])
		case strings.ContainsRune(keep, r):
			dst = utf8.AppendRune(dst, r)
		case r == '\\':
			dst = append(dst, `\\`...)
		case strconv.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		default:
			quoted := strconv.AppendQuoteRuneToASCII(nil, r)
			dst = append(dst, quoted[1:len(quoted)-1]...)
		}
		i += size
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// asciiJSON spells everything in an encoded JSON text that is not printable
// ASCII as JSON does: the meaning stays, and a terminal obeys none of it.
func asciiJSON(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r >= 0x10000:
			high, low := 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff
			out = appendJSONEscape(appendJSONEscape(out, high), low)
		default:
			out = appendJSONEscape(out, r)
		}
	}
	return out
}

func appendJSONEscape(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u',
		hexDigits[unit>>12&15], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
}
