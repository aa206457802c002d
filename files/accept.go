package files

// What a client would rather have: Accept and Accept-Language (RFC 9110,
// 12.5). Whoever accepts none of what there is gets the default: a page in
// the wrong form still says more than 406.

import "strings"

// preference is how much a client wants something: the weight it gave, then
// how precisely it named it (exactly, by a wildcard, not at all).
type preference struct{ weight, precision int }

func (p preference) beats(q preference) bool {
	if p.weight != q.weight {
		return p.weight > q.weight
	}
	return p.weight > 0 && p.precision > q.precision
}

const (
	unnamed = iota
	byAnything
	byKind
	exactly
)

// preferenceFor finds the media type kind/subtype in the lines of Accept.
func preferenceFor(lines []string, kind, subtype string) preference {
	var best preference
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			name, weight := cutWeight(element)
			k, s, _ := strings.Cut(name, "/")
			precision := unnamed
			switch {
			case k == "*" && s == "*":
				precision = byAnything
			case !strings.EqualFold(k, kind):
			case s == "*":
				precision = byKind
			case strings.EqualFold(s, subtype):
				precision = exactly
			}
			if precision > best.precision {
				best = preference{weight, precision}
			}
		}
	}
	return best
}

// prefersJSON reports whether JSON is wanted rather than HTML.
func prefersJSON(lines []string) bool {
	return preferenceFor(lines, "application", "json").beats(preferenceFor(lines, "text", "html"))
}

// prefersHTML reports whether HTML is wanted rather than plain text. "*/*",
// which curl sends, leaves it to us: on a terminal plain text reads better.
func prefersHTML(lines []string) bool {
	return preferenceFor(lines, "text", "html").beats(preferenceFor(lines, "text", "plain"))
}

// wordsFor picks the language of a page: Japanese if it stands before English
// in the client's list, by weight and then by place.
func wordsFor(lines []string) *words {
	best, chosen := 0, &english
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			tag, weight := cutWeight(element)
			tag, _, _ = strings.Cut(tag, "-")
			if weight <= best {
				continue
			}
			switch {
			case strings.EqualFold(tag, "ja"):
				best, chosen = weight, &japanese
			case strings.EqualFold(tag, "en"), tag == "*":
				best, chosen = weight, &english
			}
		}
	}
	return chosen
}

// cutWeight splits a list element from its weight in thousandths: 1000
// without one, 0 for a weight that is none (RFC 9110, 12.4.2).
func cutWeight(element string) (name string, weight int) {
	name, parameters, _ := strings.Cut(element, ";")
	name = strings.Trim(name, " \t")
	for parameter := range strings.SplitSeq(parameters, ";") {
		key, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.Trim(key, " \t"), "q") {
			return name, parseWeight(strings.Trim(value, " \t"))
		}
	}
	return name, 1000
}

func parseWeight(s string) int {
	whole, fraction, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" || len(fraction) > 3 {
		return 0
	}
	n := int(whole[0] - '0')
	for i := range 3 {
		digit := byte('0')
		if i < len(fraction) {
			digit = fraction[i]
		}
		if digit < '0' || digit > '9' {
			return 0
		}
		n = n*10 + int(digit-'0')
	}
	return min(n, 1000)
}
