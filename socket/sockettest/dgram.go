package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Sendto sends one message to an address.
func (k *Kernel) Sendto(fd socket.FD, p []byte, flags socket.MsgFlag, to socket.Addr) (n int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("sendto", fd, n, err, to.String()) }()
	f := k.fault("sendto", fd)
	s, errno := k.sock(fd)
	switch {
	case errno != 0:
	case f.Err != 0:
		k.after(s, f)
		errno = f.Err
	case s.typ == socket.STREAM && s.stream != nil && s.family == socket.UNIX:
		errno = syscall.EISCONN
	case s.typ == socket.STREAM:
		n, errno = k.sendAll(s, p, s.nonblock || flags&socket.DONTWAIT != 0)
	case to.Family != s.family:
		errno = syscall.EAFNOSUPPORT
	default:
		n, errno = k.sendDgram(s, p, to, flags)
	}
	return n, refused("sendto", fd, to, errno)
}

// dgramMax is the longest message of UDP over IPv4 (RFC 768, RFC 791).
const dgramMax = 65507

// sendDgram puts a message into the receiver's box. Where there is no receiver,
// or no room, INET loses it silently; UNIX says so, or waits.
func (k *Kernel) sendDgram(s *sock, p []byte, to socket.Addr, flags socket.MsgFlag) (int, syscall.Errno) {
	if s.err != 0 {
		return 0, s.pending()
	}
	if s.family != socket.UNIX {
		if len(p) > dgramMax {
			return 0, syscall.EMSGSIZE
		}
		k.autobind(s, target(to.IP).Addr())
	}
	for {
		l, errno := k.listener(s, to)
		if errno != 0 {
			if s.family == socket.UNIX {
				return 0, errno
			}
			if s.remote.Family != 0 {
				s.err = syscall.ECONNREFUSED // the ICMP answer finds a connected socket
				k.edge(s)
			}
			return len(p), 0
		}
		if l.mailSize+len(p) <= l.capacity() {
			from := s.local
			if s.family != socket.UNIX {
				from = reachedAs(l.family, s.local.IP)
			}
			l.mail = append(l.mail, datagram{from, append([]byte(nil), p...)})
			l.mailSize += len(p)
			k.edge(l)
			return len(p), 0
		}
		switch {
		case s.family != socket.UNIX:
			return len(p), 0
		case len(p) > l.capacity():
			return 0, syscall.EMSGSIZE
		case s.nonblock || flags&socket.DONTWAIT != 0:
			return 0, syscall.EAGAIN
		case !k.wait(s):
			return 0, syscall.EBADF
		}
	}
}

// recvDgram takes one message; what p has no room for is lost.
func (k *Kernel) recvDgram(s *sock, p []byte, flags socket.MsgFlag) (int, socket.Addr, syscall.Errno) {
	for len(s.mail) == 0 {
		switch {
		case s.err != 0:
			return 0, socket.Addr{}, s.pending()
		case s.nonblock || flags&socket.DONTWAIT != 0:
			return 0, socket.Addr{}, syscall.EAGAIN
		case !k.wait(s):
			return 0, socket.Addr{}, syscall.EBADF
		}
	}
	first := s.mail[0]
	if flags&socket.PEEK == 0 {
		s.mail = s.mail[1:]
		s.mailSize -= len(first.data)
		k.changed.Broadcast()
	}
	return copy(p, first.data), first.from, 0
}

// connectDgram notes where Send shall send.
func (k *Kernel) connectDgram(s *sock, addr socket.Addr) syscall.Errno {
	if s.family == socket.UNIX {
		if _, errno := k.listener(s, addr); errno != 0 {
			return errno
		}
		s.remote = addr
		return 0
	}
	s.remote = reachedAs(s.family, target(addr.IP))
	k.autobind(s, s.remote.IP.Addr())
	return 0
}
