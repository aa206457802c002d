package sockettest

import (
	"net/netip"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Bind gives the socket an address.
func (k *Kernel) Bind(fd socket.FD, addr socket.Addr) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("bind", fd, 0, err, addr.String()) }()
	errno := k.fault("bind", fd).Err
	if errno == 0 {
		var s *sock
		if s, errno = k.sock(fd); errno == 0 {
			errno = k.bind(s, addr)
		}
	}
	return refused("bind", fd, addr, errno)
}

func (k *Kernel) bind(s *sock, addr socket.Addr) syscall.Errno {
	switch {
	case addr.Family != s.family && s.family == socket.UNIX:
		return syscall.EINVAL
	case addr.Family != s.family:
		return syscall.EAFNOSUPPORT
	case s.local.Family != 0:
		return syscall.EINVAL
	case s.family == socket.UNIX:
		return k.bindName(s, addr)
	}
	ip := canonical(s.family, addr.IP.Addr())
	if !ip.IsValid() {
		return syscall.EAFNOSUPPORT
	}
	if !ip.IsUnspecified() && !ip.Unmap().IsLoopback() {
		return syscall.EADDRNOTAVAIL
	}
	port := addr.IP.Port()
	if port == 0 {
		port = k.freePort()
	}
	want := socket.Addr{Family: s.family, IP: netip.AddrPortFrom(ip, port)}
	for other := range k.socks {
		if other.typ == s.typ && overlap(s, want, other) {
			return syscall.EADDRINUSE
		}
	}
	s.local = want
	k.socks[s] = struct{}{}
	return 0
}

// overlap reports whether other stands in the way of s having address want.
func overlap(s *sock, want socket.Addr, other *sock) bool {
	if want.IP.Port() != other.local.IP.Port() {
		return false
	}
	if s.options[socket.ReusePort] != 0 && other.options[socket.ReusePort] != 0 {
		return false
	}
	a, b := want.IP.Addr(), other.local.IP.Addr()
	if s.family == other.family {
		return a == b || a.IsUnspecified() || b.IsUnspecified()
	}
	six, ip6, ip4 := s, a, b
	if other.family == socket.INET6 {
		six, ip6, ip4 = other, b, a
	}
	if six.options[socket.V6Only] != 0 {
		return false
	}
	return ip6.IsUnspecified() || ip6.Is4In6() && (ip6.Unmap() == ip4 || ip4.IsUnspecified())
}

// canonical is ip as a socket of the family holds it; invalid if it cannot.
func canonical(f socket.Family, ip netip.Addr) netip.Addr {
	if f == socket.INET {
		if !ip.IsValid() {
			return netip.IPv4Unspecified()
		}
		if ip = ip.Unmap(); ip.Is4() {
			return ip
		}
		return netip.Addr{}
	}
	if !ip.IsValid() {
		return netip.IPv6Unspecified()
	}
	if ip.Is4() {
		return netip.AddrFrom16(ip.As16())
	}
	return ip
}

// freePort is the next port that no socket has.
func (k *Kernel) freePort() uint16 {
	for {
		if k.port++; k.port < 32768 {
			k.port = 32768
		}
		used := false
		for s := range k.socks {
			used = used || s.local.IP.Port() == k.port
		}
		if !used {
			return k.port
		}
	}
}

// autobind gives s an address, as the kernel does at the first use.
func (k *Kernel) autobind(s *sock, toward netip.Addr) {
	if s.local.Family != 0 || s.family == socket.UNIX {
		return
	}
	s.local = socket.Addr{Family: s.family, IP: netip.AddrPortFrom(canonical(s.family, toward), k.freePort())}
	k.socks[s] = struct{}{}
}

// Getsockname is the socket's own address.
func (k *Kernel) Getsockname(fd socket.FD) (addr socket.Addr, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("getsockname", fd, 0, err, addr.String()) }()
	errno := k.fault("getsockname", fd).Err
	var s *sock
	if errno == 0 {
		s, errno = k.sock(fd)
	}
	if errno != 0 {
		return socket.Addr{}, refused("getsockname", fd, socket.Addr{}, errno)
	}
	return s.name(), nil
}

func (s *sock) name() socket.Addr {
	if s.local.Family != 0 {
		return s.local
	}
	if s.family == socket.UNIX {
		return socket.Addr{Family: socket.UNIX}
	}
	return socket.Addr{Family: s.family, IP: netip.AddrPortFrom(canonical(s.family, netip.Addr{}), 0)}
}

// Getpeername is the address of the other end.
func (k *Kernel) Getpeername(fd socket.FD) (addr socket.Addr, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("getpeername", fd, 0, err, addr.String()) }()
	errno := k.fault("getpeername", fd).Err
	var s *sock
	if errno == 0 {
		s, errno = k.sock(fd)
	}
	if errno == 0 && (s.remote.Family == 0 || s.stream != nil && (s.stream.connecting || s.stream.down)) {
		errno = syscall.ENOTCONN
	}
	if errno != 0 {
		return socket.Addr{}, refused("getpeername", fd, socket.Addr{}, errno)
	}
	return s.remote, nil
}
