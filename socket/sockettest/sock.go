package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// sock is one socket. All of it is guarded by the kernel's lock.
type sock struct {
	family   socket.Family
	typ      socket.Type // without NONBLOCK
	nonblock bool
	closed   bool
	options  map[socket.Option]int
	local    socket.Addr // zero: not bound
	remote   socket.Addr // zero: not connected
	err      syscall.Errno
	watches  []*watch

	// A listener.
	listening bool
	backlog   int
	queue     []*sock // connected, not accepted
	knocking  []*sock // clients for whom the queue had no room

	// A connection; nil until there is one. in is what has arrived.
	stream *stream
	in     []byte
	// Datagrams that have arrived.
	mail     []datagram
	mailSize int
}

// stream is one end of a connection.
type stream struct {
	peer       *sock // stays after its close
	fin        bool  // the peer will send no more
	noRecv     bool  // SHUT_RD
	noSend     bool  // SHUT_WR
	down       bool  // reset
	connecting bool
	wantsSpace bool // a send found no room: an edge is owed
}

type datagram struct {
	from socket.Addr
	data []byte
}

// defaultBuffer is how many bytes a socket holds that nobody has received yet.
const defaultBuffer = 64 << 10

func newSock(family socket.Family, typ socket.Type) *sock {
	return &sock{
		family:   family,
		typ:      typ &^ socket.NONBLOCK,
		nonblock: typ&socket.NONBLOCK != 0,
		options:  make(map[socket.Option]int),
	}
}

// Socket makes a socket.
func (k *Kernel) Socket(family socket.Family, typ socket.Type) (fd socket.FD, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("socket", fd, int(fd), err, family.String()+", "+typ.String()) }()
	errno := k.fault("socket", 0).Err
	switch t := typ &^ socket.NONBLOCK; {
	case errno != 0:
	case family < socket.INET || family > socket.UNIX:
		errno = syscall.EAFNOSUPPORT
	case t != socket.STREAM && t != socket.DGRAM:
		errno = syscall.EINVAL
	}
	fd = -1
	if errno == 0 {
		fd, errno = k.install(newSock(family, typ))
	}
	return fd, refused("socket", -1, socket.Addr{}, errno)
}

// capacity is how many bytes may wait in s.
func (s *sock) capacity() int {
	if n := s.options[socket.RecvBuffer]; n > 0 {
		return n
	}
	return defaultBuffer
}

// pending takes the error that waits in s, as each call does that reports one.
func (s *sock) pending() syscall.Errno {
	errno := s.err
	s.err = 0
	return errno
}

// reset is what a RST segment does to the end s of a connection.
func (k *Kernel) reset(s *sock) {
	if s.closed || s.stream.down {
		return
	}
	s.err = syscall.ECONNRESET
	if s.stream.fin && s.family != socket.UNIX {
		s.err = syscall.EPIPE
	}
	s.stream.down = true
	k.edge(s)
}

// finish is what a FIN segment does to the end s of a connection.
func (k *Kernel) finish(s *sock) {
	if s.closed || s.stream.fin || s.stream.down {
		return
	}
	s.stream.fin = true
	k.edge(s)
}

// connected gives two sockets each other.
func connected(client, server *sock) {
	client.stream = &stream{peer: server}
	server.stream = &stream{peer: client}
}
