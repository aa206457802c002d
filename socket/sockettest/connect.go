package sockettest

import (
	"net/netip"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Connect asks for a connection. A non-blocking INET or INET6 STREAM gets
// ErrAgain, and the outcome from SockError, as on Linux, although here it is
// known at once.
func (k *Kernel) Connect(fd socket.FD, addr socket.Addr) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("connect", fd, 0, err, addr.String()) }()
	f := k.fault("connect", fd)
	s, errno := k.sock(fd)
	if errno == 0 {
		if errno = f.Err; errno == 0 {
			errno = k.connect(s, addr)
		}
	}
	return refused("connect", fd, addr, errno)
}

func (k *Kernel) connect(s *sock, addr socket.Addr) syscall.Errno {
	if addr.Family != s.family && !(s.family == socket.INET6 && addr.Family == socket.INET) {
		if s.family == socket.UNIX {
			return syscall.EINVAL
		}
		return syscall.EAFNOSUPPORT
	}
	if s.typ == socket.DGRAM {
		return k.connectDgram(s, addr)
	}
	switch {
	case s.listening, s.stream != nil && !s.stream.connecting:
		return syscall.EISCONN
	case s.stream != nil:
		return syscall.EALREADY
	}
	l, errno := k.listener(s, addr)
	if errno == 0 && s.family == socket.UNIX && s.nonblock && len(l.queue) >= l.backlog {
		return syscall.EAGAIN
	}
	if errno == 0 {
		s.remote = addr
		if s.family != socket.UNIX {
			s.remote = reachedAs(s.family, target(addr.IP))
			k.autobind(s, s.remote.IP.Addr())
		}
		s.stream = &stream{peer: s, connecting: true}
		l.knocking = append(l.knocking, s)
		k.admit(l)
	}
	if s.nonblock && s.family != socket.UNIX {
		s.err = errno
		k.edge(s)
		return syscall.EINPROGRESS
	}
	for errno == 0 && s.stream != nil && s.stream.connecting {
		if !k.wait(s) {
			return syscall.EBADF
		}
	}
	if errno == 0 && s.stream == nil {
		errno = s.pending()
	}
	return errno
}

// target is where a connection to ap goes: to the unspecified address means to
// this machine.
func target(ap netip.AddrPort) netip.AddrPort {
	switch ip := ap.Addr(); {
	case ip == netip.IPv6Unspecified():
		return netip.AddrPortFrom(netip.IPv6Loopback(), ap.Port())
	case ip == netip.IPv4Unspecified():
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), ap.Port())
	default:
		return netip.AddrPortFrom(ip.Unmap(), ap.Port())
	}
}

// listener finds who listens at addr; of several (SO_REUSEPORT) the one with
// the shortest queue.
func (k *Kernel) listener(s *sock, addr socket.Addr) (*sock, syscall.Errno) {
	if addr.Family == socket.UNIX {
		l, errno := k.named(addr)
		switch {
		case errno != 0:
			return nil, errno
		case l.typ != s.typ:
			return nil, syscall.EPROTOTYPE
		case s.typ == socket.STREAM && !l.listening:
			return nil, syscall.ECONNREFUSED
		}
		return l, 0
	}
	var best *sock
	for l := range k.socks {
		if l.typ != s.typ || s.typ == socket.STREAM && !l.listening || !hears(l, target(addr.IP)) {
			continue
		}
		if best == nil || specific(l) && !specific(best) || specific(l) == specific(best) && len(l.queue) < len(best.queue) {
			best = l
		}
	}
	if best == nil {
		return nil, syscall.ECONNREFUSED
	}
	return best, 0
}

func specific(s *sock) bool { return !s.local.IP.Addr().IsUnspecified() }

// hears reports whether something sent to ap arrives at s.
func hears(s *sock, ap netip.AddrPort) bool {
	if s.local.IP.Port() != ap.Port() {
		return false
	}
	ip := s.local.IP.Addr()
	switch {
	case ip.Unmap() == ap.Addr():
		return true
	case !ip.IsUnspecified():
		return false
	case s.family == socket.INET:
		return ap.Addr().Is4()
	}
	return ap.Addr().Is6() || s.options[socket.V6Only] == 0
}
