package files

// Range (RFC 9110, 14.2). http.ServeContent answers 416 to units that it does
// not know and to nonsense, honours Range on HEAD, and sends any number of
// ranges; here the first two are ignored, as the RFC wants it, and many or
// overlapping ones get the whole file: asking for a file a hundred times in
// one request has been used to exhaust servers (CVE-2011-3192).

import (
	"math"
	"net/http"
	"strconv"
	"strings"
)

// maxRanges is how many ranges one request may ask for.
const maxRanges = 10

// span is a part of a file: length bytes from start. length is at least 1.
type span struct{ start, length int64 }

// contentRange is the value of the Content-Range field for s.
func (s span) contentRange(size int64) string {
	b := make([]byte, 0, 64)
	b = append(b, "bytes "...)
	b = strconv.AppendInt(b, s.start, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, s.start+s.length-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// rangesOf reads the Range field of a GET. No spans means the whole file.
// satisfiable is false when every range starts behind the end: 416.
func rangesOf(h http.Header, size int64) (spans []span, satisfiable bool) {
	lines := h["Range"]
	if len(lines) != 1 || size == 0 {
		// Nothing can be cut from an empty file, but clients that put Range
		// on everything shall still get it.
		return nil, true
	}
	unit, set, found := strings.Cut(lines[0], "=")
	if !found || !strings.EqualFold(strings.Trim(unit, " \t"), "bytes") {
		return nil, true
	}
	asked := 0
	for spec := range strings.SplitSeq(set, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue // RFC 9110, 5.6.1.2: empty list elements do not count
		}
		s, ok := parseSpan(spec, size)
		if asked++; !ok || asked > maxRanges {
			return nil, true
		}
		if s.length > 0 {
			spans = append(spans, s)
		}
	}
	if overlap(spans) {
		return nil, true
	}
	return spans, len(spans) > 0 || asked == 0
}

// parseSpan reads first-last, first- or -suffix. A range that the file does
// not reach has length 0; ok is false for what is no range.
func parseSpan(spec string, size int64) (s span, ok bool) {
	first, last, found := strings.Cut(spec, "-")
	if !found {
		return span{}, false
	}
	if first == "" {
		suffix, ok := parsePosition(last)
		suffix = min(suffix, size)
		return span{size - suffix, suffix}, ok
	}
	from, ok := parsePosition(first)
	if !ok {
		return span{}, false
	}
	to := int64(math.MaxInt64)
	if last != "" {
		if to, ok = parsePosition(last); !ok || to < from {
			return span{}, false
		}
	}
	if from >= size {
		return span{}, true
	}
	return span{from, min(to, size-1) - from + 1}, true
}

// parsePosition reads digits; a number beyond int64 is as good as the largest.
func parsePosition(digits string) (int64, bool) {
	if digits == "" {
		return 0, false
	}
	var n int64
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > (math.MaxInt64-9)/10 {
			n = math.MaxInt64
			continue
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// overlap reports whether two spans share a byte. There are ten at most.
func overlap(spans []span) bool {
	for i, a := range spans {
		for _, b := range spans[:i] {
			if a.start < b.start+b.length && b.start < a.start+a.length {
				return true
			}
		}
	}
	return false
}
