package http1

import "strings"

// HasToken reports whether a comma-separated list, such as the value of
// Connection, holds token, compared without case. token is in lower case.
func HasToken(list, token string) bool {
	if len(list) == len(token) {
		return equalFold(list, token)
	}
	for more := len(list) > len(token); more; {
		var item string
		item, list, more = cutList(list)
		if equalFold(item, token) {
			return true
		}
	}
	return false
}

// cutList takes the first item of a comma-separated list, RFC 9110 5.6.1.
func cutList(list string) (item, rest string, more bool) {
	item, rest, more = strings.Cut(list, ",")
	return trimOWS(item), rest, more
}

// ValidFieldName reports whether s is a token, as a field's name must be.
func ValidFieldName(s string) bool { return allToken(s) }

// ValidFieldValue reports whether s holds no control character but tab: what
// may stand in a field's value, RFC 9110 5.5.
func ValidFieldValue(s string) bool {
	for i := range len(s) {
		if class[s[i]]&isText == 0 {
			return false
		}
	}
	return true
}
