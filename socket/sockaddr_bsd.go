//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// sockaddrOf is a, as package unix has addresses. A zone is a number here: its
// name could be looked up with package net alone.
func sockaddrOf(a Addr) (unix.Sockaddr, syscall.Errno) {
	switch ip := a.IP.Addr(); a.Family {
	case INET:
		sa := &unix.SockaddrInet4{Port: int(a.IP.Port())}
		if ip = ip.Unmap(); ip.Is4() {
			sa.Addr = ip.As4()
		} else if ip.IsValid() {
			return nil, syscall.EAFNOSUPPORT
		}
		return sa, 0
	case INET6:
		sa := &unix.SockaddrInet6{Port: int(a.IP.Port())}
		if ip.IsValid() {
			sa.Addr = ip.As16()
		}
		if zone := ip.Zone(); zone != "" {
			n, err := strconv.ParseUint(zone, 10, 32)
			if err != nil {
				return nil, syscall.ENODEV
			}
			sa.ZoneId = uint32(n)
		}
		return sa, 0
	case UNIX:
		if strings.IndexByte(a.Path, 0) >= 0 || a.Abstract() {
			return nil, syscall.EINVAL // only Linux has abstract names
		}
		if len(a.Path) > pathMax {
			return nil, syscall.ENAMETOOLONG
		}
		return &unix.SockaddrUnix{Name: a.Path}, 0
	}
	return nil, syscall.EAFNOSUPPORT
}

// pathMax is how long a UNIX path may be: 104 bytes with its NUL (unix(4)).
const pathMax = 103

// addrOf is sa as an Addr.
func addrOf(sa unix.Sockaddr) Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return Addr{Family: INET, IP: netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))}
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(sa.Addr)
		if sa.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
		}
		return Addr{Family: INET6, IP: netip.AddrPortFrom(ip, uint16(sa.Port))}
	case *unix.SockaddrUnix:
		return Addr{Family: UNIX, Path: sa.Name}
	}
	return Addr{}
}
