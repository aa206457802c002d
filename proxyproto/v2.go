package proxyproto

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// signature is how version 2 begins. No request of HTTP does (two empty
// lines), nor any TLS handshake.
const signature = "\r\n\r\n\x00\r\nQUIT\n"

// The fixed part is the signature, the version and the command, the family and
// the transport, and the length of what follows.
const (
	commandAt = len(signature)
	familyAt  = commandAt + 1
	lengthAt  = familyAt + 1
	fixed     = lengthAt + 2
	maxUnix   = 108 // bytes of an address of the family UNIX
)

// The upper halves of the 14th byte, and how long both addresses are together.
var families = [...]struct {
	family Family
	size   int
}{{None, 0}, {INET, 2*4 + 2*2}, {INET6, 2*16 + 2*2}, {UNIX, 2 * maxUnix}}

// parse2 reads a header of version 2. Its fixed part is judged byte by byte,
// the rest when it is whole.
func parse2(in []byte) (h Header, n int, err *Error) {
	if all, err := begins(in, signature); err != nil || !all {
		return h, 0, err
	}
	h.Version = 2
	size, local := 0, false
	if len(in) > commandAt {
		if local, err = command(in[commandAt]); err != nil {
			return h, 0, err
		}
	}
	if len(in) > familyAt && !local {
		if h.Family, size, err = familyOf(in[familyAt]); err != nil {
			return h, 0, err
		}
	}
	if len(in) < fixed {
		return h, 0, nil
	}
	length := int(binary.BigEndian.Uint16(in[lengthAt:]))
	switch {
	case length < size:
		return h, 0, &Error{ruleLength, lengthAt, "the length, " + strconv.Itoa(length) + ", leaves no room for the addresses, which have " + strconv.Itoa(size) + " bytes"}
	case fixed+length > MaxLen:
		return h, 0, &Error{ruleLength, lengthAt, "the header would have " + strconv.Itoa(fixed+length) + " bytes"}
	case len(in) < fixed+length:
		return h, 0, nil
	}
	n = fixed + length
	if h.Family == None {
		return h, n, nil // the block is to be discarded: where TLVs would begin in it is not known
	}
	if err := checkTLVs(in[:n], fixed+size); err != nil {
		return h, 0, err
	}
	h.Source, h.Destination = addresses(h.Family, in[fixed:fixed+size])
	return h, n, nil
}

func command(b byte) (local bool, err *Error) {
	switch {
	case b>>4 != 2:
		return false, &Error{ruleVersion, commandAt, "the version is " + strconv.Itoa(int(b>>4))}
	case b&0xf > 1:
		return false, &Error{ruleCommand, commandAt, "the command is " + strconv.Itoa(int(b&0xf))}
	}
	return b&0xf == 0, nil
}

// familyOf is the family, and how long its addresses are. Either half may say
// that it does not know.
func familyOf(b byte) (family Family, size int, err *Error) {
	upper, lower := int(b>>4), int(b&0xf)
	switch {
	case upper >= len(families):
		return None, 0, &Error{ruleFamily, familyAt, "the family is " + strconv.Itoa(upper)}
	case lower > 2:
		return None, 0, &Error{ruleTransport, familyAt, "the transport is " + strconv.Itoa(lower)}
	case lower == 0:
		return None, 0, nil
	}
	return families[upper].family, families[upper].size, nil
}

func addresses(family Family, b []byte) (source, destination Addr) {
	switch family {
	case INET:
		s, d := netip.AddrFrom4([4]byte(b)), netip.AddrFrom4([4]byte(b[4:]))
		return withPort(s, b[8:]), withPort(d, b[10:])
	case INET6:
		s, d := netip.AddrFrom16([16]byte(b)), netip.AddrFrom16([16]byte(b[16:]))
		return withPort(s, b[32:]), withPort(d, b[34:])
	}
	return Addr{Path: path(b[:maxUnix])}, Addr{Path: path(b[maxUnix:])}
}

func withPort(ip netip.Addr, b []byte) Addr {
	return Addr{IP: netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b))}
}

// path is what sun_path holds, unix(7): a path ends at its first NUL, an
// abstract name begins with one and is filled up with more.
func path(b []byte) string {
	if b[0] == 0 {
		name := strings.TrimRight(string(b[1:]), "\x00")
		if name == "" {
			return ""
		}
		return "@" + name
	}
	s, _, _ := strings.Cut(string(b), "\x00")
	return s
}
