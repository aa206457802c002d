package socket

import (
	"net/netip"
)

// Addr is an address of one of the three families. The zero Addr is none. Two
// Addrs are equal (==) if they name the same place.
//
// The IP of an INET6 address may be an IPv4 address mapped into IPv6
// (::ffff:192.0.2.1): that is how a dual-stack socket sees a peer that came
// over IPv4. String writes it as the IPv4 address it is.
//
// An Addr is a net.Addr.
type Addr struct {
	Family Family
	IP     netip.AddrPort // INET, INET6; a zone is an interface's name or number
	Path   string         // UNIX: a path, or "@name" for an abstract name (Linux), or "" for none
}

// TCP is the INET or INET6 address of ap, by what kind of address it is. The
// name is the usual one; the address fits DGRAM as well.
func TCP(ap netip.AddrPort) Addr {
	switch {
	case !ap.Addr().IsValid():
		return Addr{}
	case ap.Addr().Is4():
		return Addr{Family: INET, IP: ap}
	default:
		return Addr{Family: INET6, IP: ap}
	}
}

// Unix is the UNIX address of a path, or of an abstract name if it begins with
// "@" (unix(7)). A file whose name begins with "@" is reached as "./@name".
func Unix(path string) Addr {
	return Addr{Family: UNIX, Path: path}
}

// String is "127.0.0.1:1235", "[::1]:80", "[fe80::1%eth0]:80",
// "unix:/run/x.sock", "unix:@name", "unix:" for a UNIX socket without a name
// (most clients have none), "(none)" for the zero Addr.
func (a Addr) String() string {
	switch a.Family {
	case INET, INET6:
		ip := a.IP.Addr()
		if !ip.IsValid() {
			ip = anyAddr(a.Family)
		}
		return netip.AddrPortFrom(ip.Unmap(), a.IP.Port()).String()
	case UNIX:
		return "unix:" + a.Path
	}
	return "(none)"
}

// Network is "tcp" or "unix", as package net names them, and "" for none.
func (a Addr) Network() string {
	switch a.Family {
	case INET, INET6:
		return "tcp"
	case UNIX:
		return "unix"
	}
	return ""
}

// Abstract reports whether a is an abstract UNIX name: one that is not a file.
func (a Addr) Abstract() bool {
	return a.Family == UNIX && len(a.Path) > 0 && a.Path[0] == '@'
}

// anyAddr is the address that stands for all of this machine's.
func anyAddr(f Family) netip.Addr {
	if f == INET {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
