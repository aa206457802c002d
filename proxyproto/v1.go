package proxyproto

import (
	"net/netip"
	"strings"
)

// maxLine is how long a line of version 1 may be, CR LF included.
const maxLine = 107

const word1 = "PROXY "

// parse1 reads a line of version 1. It is not decoded before its end is there
// (PROXY 2.1), but its end is looked at as it comes.
func parse1(in []byte) (h Header, n int, err *Error) {
	if all, err := begins(in, word1); err != nil || !all {
		return h, 0, err
	}
	for i := len(word1); i < len(in); i++ {
		switch {
		case i >= maxLine:
			return h, 0, &Error{ruleLine, maxLine, "no CR LF within 107 bytes"}
		case in[i] == '\n' && in[i-1] == '\r':
			h, err = line1(string(in[:i-1]))
			return h, i + 1, err
		case in[i] == '\n':
			return h, 0, &Error{ruleLineEnd, i, "an LF without a CR before it"}
		case in[i-1] == '\r':
			return h, 0, &Error{ruleLineEnd, i, "a CR without an LF after it"}
		}
	}
	if len(in) >= maxLine {
		return h, 0, &Error{ruleLine, maxLine, "no CR LF within 107 bytes"}
	}
	return h, 0, nil
}

// line1 decodes the line, without its CR LF.
func line1(line string) (h Header, err *Error) {
	at := len(word1)
	protocol, _, _ := strings.Cut(line[at:], " ")
	h.Version = 1
	switch protocol {
	case "TCP4":
		h.Family = INET
	case "TCP6":
		h.Family = INET6
	case "UNKNOWN":
		return h, nil // the rest of the line is to be ignored
	default:
		return h, &Error{ruleProtocol, at, "the protocol is " + quote(protocol)}
	}
	at += len(protocol)
	var ips [2]netip.Addr
	for i := range ips {
		var part string
		if part, at, err = nextPart(line, at); err != nil {
			return h, err
		}
		if ips[i], err = address(part, h.Family, at-len(part)); err != nil {
			return h, err
		}
	}
	var ports [2]uint16
	for i := range ports {
		var part string
		if part, at, err = nextPart(line, at); err != nil {
			return h, err
		}
		if ports[i], err = port(part, at-len(part)); err != nil {
			return h, err
		}
	}
	if at < len(line) {
		return h, &Error{ruleParts, at, "after the ports comes " + quote(line[at:])}
	}
	h.Source.IP = netip.AddrPortFrom(ips[0], ports[0])
	h.Destination.IP = netip.AddrPortFrom(ips[1], ports[1])
	return h, nil
}

// nextPart is the part after the space at line[at], and where it ends.
func nextPart(line string, at int) (part string, end int, err *Error) {
	if at >= len(line) {
		return "", at, &Error{ruleParts, at, "the line ends too early"}
	}
	part, _, _ = strings.Cut(line[at+1:], " ") // what ended the part before is a space
	if part == "" {
		return "", at, &Error{ruleParts, at + 1, "there is no word after the space"}
	}
	return part, at + 1 + len(part), nil
}

func address(s string, family Family, at int) (netip.Addr, *Error) {
	ip, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return ip, &Error{ruleAddress, at, quote(s) + " is no IP address"}
	case ip.Zone() != "":
		return ip, &Error{ruleAddress, at, quote(s) + " has a zone, which means nothing on another machine"}
	case ip.Is4() != (family == INET):
		return ip, &Error{ruleAddress, at, quote(s) + " is of the other family"}
	}
	return ip, nil
}

func port(s string, at int) (uint16, *Error) {
	n := 0
	for i := 0; i < len(s); i++ {
		if n = 10*n + int(s[i]-'0'); s[i] < '0' || s[i] > '9' || n > 65535 || i > 0 && s[0] == '0' {
			return 0, &Error{rulePort, at, "the port is " + quote(s)}
		}
	}
	return uint16(n), nil
}
