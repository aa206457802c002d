package record

import (
	"bytes"
	"strings"
)

// secretLines are the ranges of values of secret fields in bytes that could not
// be parsed: by lines, whatever ends them, and with the lines that continue one.
func secretLines(text []byte, off int64, secret func(string) bool) (ranges [][2]int64) {
	hiding := false
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && text[end] != '\n' && text[end] != '\r' {
			end++
		}
		line := text[at:end]
		switch name, _, found := bytes.Cut(line, []byte(":")); {
		case len(line) == 0:
		case hiding && (line[0] == ' ' || line[0] == '\t'):
			ranges = append(ranges, [2]int64{off + int64(at), off + int64(end)})
		case found && secret(string(bytes.Trim(name, " \t"))):
			hiding = true
			value := at + len(name) + 1
			for value < end && (text[value] == ' ' || text[value] == '\t') {
				value++
			}
			ranges = append(ranges, [2]int64{off + int64(value), off + int64(end)})
		default:
			hiding = false
		}
		at = end + 1
	}
	return ranges
}

// hideQuoted hides what follows the name of a secret field in a text of ours
// that quotes one, to its end.
func hideQuoted(text string, secret func(string) bool) string {
	for at := 0; ; {
		colon := strings.IndexByte(text[at:], ':')
		if colon < 0 {
			return text
		}
		colon += at
		name := text[:colon]
		if i := strings.LastIndexAny(name, " \"'(,;\t"); i >= 0 {
			name = name[i+1:]
		}
		if name != "" && secret(name) {
			return text[:colon+1] + " [hidden]"
		}
		at = colon + 1
	}
}
