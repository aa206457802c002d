package http1

import "strings"

// mediaRangesMost is how many ranges of Accept are looked at; browsers send
// fewer than ten.
const mediaRangesMost = 64

// PrefersHTML reports whether who sent these lines of Accept would rather be
// told something as text/html than as text/plain, both in UTF-8 (RFC 9110
// 12.5.1): HTML has the greater weight, or the same and is named more exactly.
// "*/*", which curl sends, leaves it open: then plain text, which a terminal
// shows as well. A range that breaks the grammar is passed over, and so are
// those after the 64th.
func PrefersHTML(accept []string) bool {
	var html, plain preference
	seen := 0
	for _, list := range accept {
		for more := true; more; {
			var item string
			if seen++; seen > mediaRangesMost {
				return html.beats(plain)
			}
			item, list, more = cutUnquoted(list, ',')
			if r, ok := parseMediaRange(item); ok {
				html.consider(r, "html")
				plain.consider(r, "plain")
			}
		}
	}
	return html.beats(plain)
}

// preference is how much a type is wanted, by the most exact of the ranges that
// it fits, the first of these.
type preference struct{ weight, precision int }

func (p preference) beats(q preference) bool {
	if p.weight != q.weight {
		return p.weight > q.weight
	}
	return p.weight > 0 && p.precision > q.precision
}

func (p *preference) consider(r mediaRange, subtype string) {
	precision := 0
	switch {
	case r.other:
	case r.kind == "*":
		precision = 1
	case !equalFold(r.kind, "text"):
	case r.subtype == "*":
		precision = 2
	case equalFold(r.subtype, subtype):
		precision = 3
	}
	if precision > 0 && r.utf8 {
		precision += 3
	}
	if precision > p.precision {
		*p = preference{r.weight, precision}
	}
}

// mediaRange is one element of Accept.
type mediaRange struct {
	kind, subtype string
	utf8          bool // charset=utf-8
	other         bool // a parameter that neither of our types has
	weight        int  // in thousandths
}

func parseMediaRange(item string) (r mediaRange, ok bool) {
	name, parameters, more := cutUnquoted(item, ';')
	r.kind, r.subtype, _ = strings.Cut(trimOWS(name), "/")
	if !allToken(r.kind) || !allToken(r.subtype) || r.kind == "*" && r.subtype != "*" {
		return r, false
	}
	r.weight = 1000
	weighed := false
	for more {
		var parameter string
		parameter, parameters, more = cutUnquoted(parameters, ';')
		if parameter = trimOWS(parameter); parameter == "" {
			continue // RFC 9110 5.6.6
		}
		key, value, _ := strings.Cut(parameter, "=")
		switch text, is := tokenOrQuoted(value); {
		case !allToken(key) || !is:
			return r, false
		case equalFold(key, "q"): // wherever it stands
			weight, is := parseWeight(value)
			if !is || weighed {
				return r, false
			}
			r.weight, weighed = weight, true
		case equalFold(key, "charset") && equalFold(text, "utf-8"):
			r.utf8 = true
		default:
			r.other = true
		}
	}
	return r, true
}

// parseWeight reads a qvalue of RFC 9110 12.4.2, in thousandths.
func parseWeight(s string) (int, bool) {
	if s == "" || len(s) > len("0.000") || s[0] != '0' && s[0] != '1' || len(s) > 1 && s[1] != '.' {
		return 0, false
	}
	weight := int(s[0] - '0')
	for i := 2; i < len("0.000"); i++ {
		digit := byte('0')
		if i < len(s) {
			digit = s[i]
		}
		if !isDigit(digit) {
			return 0, false
		}
		weight = weight*10 + int(digit-'0')
	}
	return weight, weight <= 1000
}

// cutUnquoted cuts at the first separator outside of quoted strings.
func cutUnquoted(s string, separator byte) (before, after string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// tokenOrQuoted is the text of a parameter's value (RFC 9110 5.6.6); in a quoted
// string escapes stay as they are.
func tokenOrQuoted(s string) (text string, ok bool) {
	if s == "" || s[0] != '"' {
		return s, allToken(s)
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return s[1:i], i == len(s)-1
		case s[i] == '\\':
			if i++; i == len(s) || class[s[i]]&isText == 0 {
				return "", false
			}
		case class[s[i]]&isQuoted == 0:
			return "", false
		}
	}
	return "", false
}
