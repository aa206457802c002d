package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Recv takes bytes that have arrived.
func (k *Kernel) Recv(fd socket.FD, p []byte, flags socket.MsgFlag) (n int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("recv", fd, n, err, "") }()
	n, _, errno := k.recvfrom("recv", fd, p, flags)
	return n, refused("recv", fd, socket.Addr{}, errno)
}

// Recvfrom is Recv with the sender's address.
func (k *Kernel) Recvfrom(fd socket.FD, p []byte, flags socket.MsgFlag) (n int, from socket.Addr, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("recvfrom", fd, n, err, from.String()) }()
	n, from, errno := k.recvfrom("recvfrom", fd, p, flags)
	return n, from, refused("recvfrom", fd, socket.Addr{}, errno)
}

func (k *Kernel) recvfrom(call string, fd socket.FD, p []byte, flags socket.MsgFlag) (int, socket.Addr, syscall.Errno) {
	f := k.fault(call, fd)
	s, errno := k.sock(fd)
	if errno != 0 {
		return 0, socket.Addr{}, errno
	}
	if f.Err != 0 {
		k.after(s, f)
		return 0, socket.Addr{}, f.Err
	}
	if s.typ == socket.DGRAM {
		return k.recvDgram(s, f.cut(p), flags)
	}
	for {
		n, errno := k.recv(s, f.cut(p), flags)
		if errno != syscall.EAGAIN || s.nonblock || flags&socket.DONTWAIT != 0 {
			if errno == 0 && n < len(p) && len(s.in) > 0 && flags&socket.PEEK == 0 {
				// A short read that leaves bytes is one that the next bytes
				// interrupted: these are announced anew, as they would be.
				k.edge(s)
			}
			return n, socket.Addr{}, errno
		}
		if !k.wait(s) {
			return 0, socket.Addr{}, syscall.EBADF
		}
	}
}

// recv is one look at a STREAM. The order is Linux's: bytes that arrived
// before a reset can still be read.
func (k *Kernel) recv(s *sock, p []byte, flags socket.MsgFlag) (int, syscall.Errno) {
	st := s.stream
	switch {
	case s.listening || st == nil && s.err == 0:
		if s.family == socket.UNIX {
			return 0, syscall.EINVAL
		}
		return 0, syscall.ENOTCONN
	case len(s.in) > 0 && len(p) > 0:
		n := copy(p, s.in)
		if flags&socket.PEEK == 0 {
			s.in = s.in[n:]
			k.freed(st.peer)
		}
		return n, 0
	case st != nil && st.fin && s.family != socket.UNIX:
		return 0, 0
	case s.err != 0:
		return 0, s.pending()
	case st == nil, st.fin, st.noRecv, st.down, len(p) == 0:
		return 0, 0
	}
	return 0, syscall.EAGAIN
}

// freed tells s, the sender, that there is room again.
func (k *Kernel) freed(s *sock) {
	k.changed.Broadcast()
	if s.stream != nil && s.stream.wantsSpace {
		s.stream.wantsSpace = false
		k.edge(s)
	}
}
