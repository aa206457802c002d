package learn

import (
	"strings"
	"unicode"
)

// wrap divides a paragraph into lines of at most width columns. A line may end
// at a space, and before or after a wide letter (Japanese has no spaces),
// except where Japanese typesetting forbids it (kinsoku): no line begins with
// a closing mark, none ends with an opening one.
func wrap(text []letter, width int) [][]letter {
	var lines [][]letter
	var line []letter
	used := 0
	for _, piece := range pieces(text) {
		size := 0
		for _, l := range piece {
			size += columnsOf(l.r)
		}
		blank := piece[0].r == ' '
		if used+size > width && used > 0 && !blank {
			lines = append(lines, trimmed(line))
			line, used = nil, 0
		}
		if blank && used == 0 {
			continue
		}
		line = append(line, piece...)
		used += size
	}
	if len(line) > 0 {
		lines = append(lines, trimmed(line))
	}
	return lines
}

// pieces are what a line cannot be broken within.
func pieces(text []letter) [][]letter {
	var out [][]letter
	for i, l := range text {
		if i > 0 && joined(text[i-1].r, l.r) {
			out[len(out)-1] = append(out[len(out)-1], l)
			continue
		}
		out = append(out, []letter{l})
	}
	return out
}

// noBegin may not begin a line, noEnd may not end one.
const (
	noBegin = "、。，．・：；？！）」』】〉》〕］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.:;?!)]}"
	noEnd   = "（「『【〈《〔［｛([{"
)

func joined(a, b rune) bool {
	switch {
	case a == ' ' || b == ' ':
		return a == b
	case strings.ContainsRune(noBegin, b), strings.ContainsRune(noEnd, a):
		return true
	}
	return columnsOf(a) == 1 && columnsOf(b) == 1
}

func trimmed(line []letter) []letter {
	for len(line) > 0 && line[len(line)-1].r == ' ' {
		line = line[:len(line)-1]
	}
	return line
}

// columnsOf is how many columns of a terminal a character takes: two for the
// wide ones of UAX #11 that the texts use, one for all others.
func columnsOf(r rune) int {
	wide := unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60 || r == 'ー' || r == '・'
	if wide {
		return 2
	}
	return 1
}
