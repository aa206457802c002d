package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Setsockopt sets an option. V6Only, ReusePort, RecvBuffer (exactly so many
// bytes) and LingerZero have their effect; the others are only remembered.
func (k *Kernel) Setsockopt(fd socket.FD, opt socket.Option, value int) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("setsockopt", fd, value, err, opt.String()) }()
	f := k.fault("setsockopt", fd)
	s, errno := k.sock(fd)
	switch {
	case errno != 0:
	case f.Err != 0:
		errno = f.Err
	case opt == 0 || opt >= socket.SockError, !fits(s, opt):
		errno = syscall.ENOPROTOOPT
	case opt == socket.V6Only && s.local.Family != 0:
		errno = syscall.EINVAL
	default:
		s.options[opt] = value
		if s.stream != nil && opt == socket.RecvBuffer {
			k.freed(s.stream.peer)
		}
	}
	return refused("setsockopt "+opt.String(), fd, socket.Addr{}, errno)
}

// fits reports whether a socket of this kind has the option.
func fits(s *sock, opt socket.Option) bool {
	switch opt {
	case socket.V6Only:
		return s.family == socket.INET6
	case socket.NoDelay, socket.DeferAccept, socket.NotSentLowat:
		return s.family != socket.UNIX && s.typ == socket.STREAM
	}
	return true
}

// Getsockopt reads an option.
func (k *Kernel) Getsockopt(fd socket.FD, opt socket.Option) (value int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("getsockopt", fd, value, err, opt.String()) }()
	f := k.fault("getsockopt", fd)
	s, errno := k.sock(fd)
	switch {
	case errno != 0:
	case f.Err != 0:
		errno = f.Err
	case opt == 0 || opt > socket.SockType, !fits(s, opt):
		errno = syscall.ENOPROTOOPT
	case opt == socket.SockError:
		value = int(s.pending())
	case opt == socket.SockType:
		value = int(s.typ)
	case opt == socket.AcceptConn:
		if s.listening {
			value = 1
		}
	case opt == socket.RecvBuffer:
		value = s.capacity()
	case opt == socket.SendBuffer && s.options[opt] == 0:
		value = defaultBuffer
	default:
		value = s.options[opt]
	}
	return value, refused("getsockopt "+opt.String(), fd, socket.Addr{}, errno)
}
