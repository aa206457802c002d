package files

// Preconditions, in the order of RFC 9110, 13.2.2. http.ServeContent has
// them too; it reads only the first of several lines, lets any date stand in
// If-Range, and answers 412 without a word.

import (
	"net/http"
	"strings"
	"time"
)

// verdict is what the preconditions of a request say.
type verdict uint8

const (
	proceed     verdict = iota // as if there were none
	notModified                // 304: the client has it already
	failed                     // 412: it is not what the client thinks it is
)

// evaluate looks at If-Match, If-Unmodified-Since, If-None-Match and
// If-Modified-Since of a GET or HEAD for an existing file.
func evaluate(h http.Header, v validators) verdict {
	if lines := h["If-Match"]; len(lines) > 0 {
		if !listsTag(lines, v.etag, strongly) {
			return failed
		}
	} else if date, ok := dateIn(h["If-Unmodified-Since"]); ok && v.modified.After(date) {
		return failed
	}
	if lines := h["If-None-Match"]; len(lines) > 0 {
		if listsTag(lines, v.etag, weakly) {
			return notModified
		}
	} else if date, ok := dateIn(h["If-Modified-Since"]); ok && !v.modified.After(date) {
		return notModified
	}
	return proceed
}

// mayBeRanged reports whether If-Range lets Range count: if there is none, or
// if it names exactly this version with a strong validator. A date is strong
// only when the file had surely stopped changing (RFC 9110, 8.8.2.2, 13.1.5).
func mayBeRanged(h http.Header, v validators) bool {
	lines := h["If-Range"]
	if len(lines) == 0 {
		return true
	}
	if len(lines) > 1 || !v.strong {
		return false
	}
	value := strings.Trim(lines[0], " \t")
	return value == v.etag || value == v.lastModified
}

// comparison says how two entity tags are compared (RFC 9110, 8.8.3.2).
type comparison bool

const (
	weakly   comparison = false // the quoted parts are equal
	strongly comparison = true  // and neither is weak
)

// listsTag reports whether the lines, each a list of entity tags, hold one
// that is equal to etag, or "*". What is no entity tag ends its line: nothing
// behind it can be told apart.
func listsTag(lines []string, etag string, how comparison) bool {
	if how == strongly && strings.HasPrefix(etag, "W/") {
		etag = "" // equal to nothing, and "*" still counts
	}
	for _, line := range lines {
		for line = skipCommas(line); line != ""; line = skipCommas(line) {
			if line[0] == '*' {
				return true
			}
			tag, rest, ok := cutTag(line)
			if !ok {
				break
			}
			if tag == etag || how == weakly && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
			line = rest
		}
	}
	return false
}

func skipCommas(s string) string { return strings.TrimLeft(s, " \t,") }

// cutTag takes one entity tag off the front of s (RFC 9110, 8.8.3).
func cutTag(s string) (tag, rest string, ok bool) {
	start := 0
	if strings.HasPrefix(s, "W/") {
		start = 2
	}
	if len(s) <= start || s[start] != '"' {
		return "", "", false
	}
	for i := start + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:], true
		case c <= ' ' || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

// dateIn reads a field that holds one HTTP date. Several lines, or anything
// else, are as if the field were not there (RFC 9110, 13.1.3).
func dateIn(lines []string) (time.Time, bool) {
	if len(lines) != 1 {
		return time.Time{}, false
	}
	date, err := http.ParseTime(lines[0])
	return date, err == nil
}
