package http1

import "strings"

// ValidHost reports whether s is uri-host [":" port] as RFC 9110 7.2 and
// RFC 3986 3.2.2 have it, and stricter where a reader behind us might see
// another host than we do: not empty, no comma, no user name, no zone in an
// IPv6 address, and a port, if there is a colon, of digits up to 65535.
func ValidHost(s string) bool {
	if s == "" {
		return false
	}
	if s[0] == '[' {
		end := strings.IndexByte(s, ']')
		if end < 0 || !validIPv6(s[1:end]) && !validIPvFuture(s[1:end]) {
			return false
		}
		rest := s[end+1:]
		return rest == "" || rest[0] == ':' && validPort(rest[1:])
	}
	i := 0
	for i < len(s) && s[i] != ':' {
		switch {
		case class[s[i]]&isHost != 0:
			i++
		case s[i] == '%' && percentHex(s[i:]):
			i += 3
		default:
			return false
		}
	}
	return i > 0 && (i == len(s) || validPort(s[i+1:]))
}

// hasPort is for what ValidHost accepted.
func hasPort(s string) bool {
	return strings.LastIndexByte(s, ':') > strings.LastIndexByte(s, ']')
}

func validPort(s string) bool {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) || n > 65535 {
			return false
		}
		n = n*10 + int(s[i]-'0')
	}
	return s != "" && n <= 65535
}

// validIPv6 is IPv6address of RFC 3986 3.2.2: eight groups of 16 bits, of which
// "::" may stand for one or more zero groups once, and the last two of which
// may be written as an IPv4 address.
func validIPv6(s string) bool {
	groups, gap := 0, false
	if strings.HasPrefix(s, "::") {
		gap, s = true, s[2:]
	}
	for s != "" {
		n := 0
		for n < len(s) && class[s[n]]&isHex != 0 {
			n++
		}
		if n < len(s) && s[n] == '.' {
			return validIPv4(s) && (groups == 6 && !gap || groups < 6 && gap)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		s = s[n:]
		switch {
		case s == "":
		case strings.HasPrefix(s, "::"):
			if gap {
				return false
			}
			gap, s = true, s[2:]
		case s[0] != ':' || len(s) == 1:
			return false
		default:
			s = s[1:]
		}
	}
	return groups == 8 && !gap || groups < 8 && gap
}

// validIPv4 is four numbers up to 255, without leading zeros.
func validIPv4(s string) bool {
	for part := range 4 {
		n, v := 0, 0
		for n < len(s) && n < 4 && isDigit(s[n]) {
			v = v*10 + int(s[n]-'0')
			n++
		}
		if n == 0 || v > 255 || n > 1 && s[0] == '0' {
			return false
		}
		s = s[n:]
		if part == 3 {
			return s == ""
		}
		if s == "" || s[0] != '.' {
			return false
		}
		s = s[1:]
	}
	return false
}

// validIPvFuture is "v" hex digits "." and what a host may hold, colons too.
func validIPvFuture(s string) bool {
	if s == "" || lower(s[0]) != 'v' {
		return false
	}
	version, rest, ok := strings.Cut(s[1:], ".")
	if !ok || version == "" || rest == "" {
		return false
	}
	for i := range len(version) {
		if class[version[i]]&isHex == 0 {
			return false
		}
	}
	for i := range len(rest) {
		if class[rest[i]]&isHost == 0 && rest[i] != ':' {
			return false
		}
	}
	return true
}
