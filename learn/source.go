package learn

import (
	"strings"
	"unicode"
)

// SourceIn is the step's file with the comments of one language: where a
// comment says the same in both, the other one is left out. Code, and the
// Python in the comments, are the same in both.
func (s Step) SourceIn(lang string) string {
	var out, group []string
	flush := func() {
		out = append(out, oneLanguage(group, lang)...)
		group = nil
	}
	for line := range strings.Lines(s.Source()) {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			group = append(group, line)
			continue
		}
		flush()
		out = append(out, line)
	}
	flush()
	return strings.Join(out, "")
}

// oneLanguage takes the other language out of the lines of one comment. A
// line is Japanese if it has a Japanese letter; a comment without any such
// line is for everyone, and so are indented lines (code) and empty ones.
func oneLanguage(comment []string, lang string) []string {
	both := false
	for _, line := range comment {
		both = both || japanese(line)
	}
	if !both {
		return comment
	}
	var kept []string
	for _, line := range comment {
		words := strings.TrimPrefix(strings.TrimSpace(line), "//")
		everyone := words == "" || strings.HasPrefix(words, "\t")
		if everyone || japanese(line) == (lang == "ja") {
			kept = append(kept, line)
		}
	}
	return kept
}

func japanese(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) {
			return true
		}
	}
	return false
}
