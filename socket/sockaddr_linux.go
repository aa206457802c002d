package socket

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A sockaddr is an address as Linux writes it: the family as a number of this
// machine, then by family
//
//	INET   port (2, big-endian)  address (4)
//	INET6  port (2, big-endian)  flow (4)  address (16)  scope (4, this machine's order)
//	UNIX   path with its NUL, or NUL and an abstract name without, or nothing
//
// (ip(7), ipv6(7), unix(7)). Read and written bytewise it needs no unsafe and
// no allocation, but for a path or a zone.
type sockaddr struct {
	bytes [sockaddrMax]byte
	size  uint32
}

// sockaddrMax is the size of the longest, sockaddr_un: 2 bytes and a path of
// 108; one more, for the NUL that the kernel may add to a path of 108.
const sockaddrMax = 2 + 108 + 1

// pathMax is how long a path may be: 108 bytes with its NUL.
const pathMax = 107

func (sa *sockaddr) encode(a Addr) syscall.Errno {
	b := sa.bytes[:]
	binary.NativeEndian.PutUint16(b, uint16(nativeFamily(a.Family)))
	switch ip := a.IP.Addr(); a.Family {
	case INET:
		if ip = ip.Unmap(); ip.Is4() {
			a4 := ip.As4()
			copy(b[4:], a4[:])
		} else if ip.IsValid() {
			return syscall.EAFNOSUPPORT
		}
		binary.BigEndian.PutUint16(b[2:], a.IP.Port())
		sa.size = unix.SizeofSockaddrInet4
	case INET6:
		if ip.IsValid() {
			a16 := ip.As16()
			copy(b[8:], a16[:])
		}
		scope, errno := zoneIndex(ip.Zone())
		if errno != 0 {
			return errno
		}
		binary.BigEndian.PutUint16(b[2:], a.IP.Port())
		binary.NativeEndian.PutUint32(b[24:], scope)
		sa.size = unix.SizeofSockaddrInet6
	case UNIX:
		if len(a.Path) > pathMax {
			return syscall.ENAMETOOLONG
		}
		if strings.IndexByte(a.Path, 0) >= 0 {
			return syscall.EINVAL
		}
		n := copy(b[2:], a.Path)
		switch {
		case a.Abstract():
			b[2] = 0
		case n > 0:
			n++ // its NUL
		}
		sa.size = uint32(2 + n)
	default:
		return syscall.EAFNOSUPPORT
	}
	return 0
}

func (sa *sockaddr) decode() Addr {
	b := sa.bytes[:min(sa.size, sockaddrMax)]
	if len(b) < 2 {
		return Addr{}
	}
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET && len(b) >= unix.SizeofSockaddrInet4:
		ip := netip.AddrFrom4([4]byte(b[4:8]))
		return Addr{Family: INET, IP: netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[2:]))}
	case family == unix.AF_INET6 && len(b) >= unix.SizeofSockaddrInet6:
		ip := netip.AddrFrom16([16]byte(b[8:24]))
		if scope := binary.NativeEndian.Uint32(b[24:]); scope != 0 {
			ip = ip.WithZone(zoneName(scope))
		}
		return Addr{Family: INET6, IP: netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[2:]))}
	case family == unix.AF_UNIX:
		return Addr{Family: UNIX, Path: decodePath(b[2:])}
	}
	return Addr{}
}

func decodePath(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if b[0] == 0 {
		return "@" + string(b[1:])
	}
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return string(b)
}

// zoneIndex is the number of the interface that a zone names, by name or
// number; 0 for no zone.
func zoneIndex(zone string) (uint32, syscall.Errno) {
	if zone == "" {
		return 0, 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), 0
	}
	ifr, err := unix.NewIfreq(zone)
	if err != nil {
		return 0, syscall.ENODEV
	}
	// The question has to be asked of some socket, of any kind (netdevice(7)).
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, errnoOf(err)
	}
	defer unix.Close(fd)
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); err != nil {
		return 0, errnoOf(err)
	}
	return ifr.Uint32(), 0
}

// zoneName is the name of interface number n, or the number in digits if it is
// gone: netdevice(7).
func zoneName(n uint32) string {
	number := strconv.FormatUint(uint64(n), 10)
	ifr, err := unix.NewIfreq("")
	if err != nil {
		return number
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return number
	}
	defer unix.Close(fd)
	ifr.SetUint32(n)
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFNAME, ifr); err != nil || ifr.Name() == "" {
		return number
	}
	return ifr.Name()
}
