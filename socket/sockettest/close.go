package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Shutdown ends one or both directions of a connection.
func (k *Kernel) Shutdown(fd socket.FD, how socket.How) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("shutdown", fd, 0, err, how.String()) }()
	f := k.fault("shutdown", fd)
	s, errno := k.sock(fd)
	if errno == 0 {
		if errno = f.Err; errno == 0 {
			errno = k.shutdown(s, how)
		}
	}
	return refused("shutdown", fd, socket.Addr{}, errno)
}

func (k *Kernel) shutdown(s *sock, how socket.How) syscall.Errno {
	if s.listening {
		if how != socket.SHUT_WR {
			k.deafen(s)
			k.edge(s)
		}
		return 0
	}
	st := s.stream
	if st == nil || st.connecting || st.down {
		return syscall.ENOTCONN
	}
	if how != socket.SHUT_WR {
		st.noRecv = true
	}
	if how != socket.SHUT_RD {
		st.noSend = true
		k.finish(st.peer)
	}
	k.edge(s)
	return 0
}

// Close gives the descriptor back, whatever fault it has.
func (k *Kernel) Close(fd socket.FD) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("close", fd, 0, err, "") }()
	errno := k.fault("close", fd).Err
	o := k.fds[fd]
	if o == nil {
		return refused("close", fd, socket.Addr{}, syscall.EBADF)
	}
	delete(k.fds, fd)
	if o.sock != nil {
		k.close(o.sock)
	}
	return refused("close", fd, socket.Addr{}, errno)
}

func (k *Kernel) close(s *sock) {
	s.closed = true
	for _, w := range s.watches {
		w.forget()
	}
	s.watches = nil
	delete(k.socks, s)
	if s.family == socket.UNIX {
		k.unname(s)
	}
	if s.listening {
		k.deafen(s)
	}
	if st := s.stream; st != nil && !st.connecting {
		// Unread bytes make it a reset: the peer shall not think they were read.
		if len(s.in) > 0 || s.options[socket.LingerZero] != 0 {
			k.reset(st.peer)
		} else {
			k.finish(st.peer)
		}
	}
	k.changed.Broadcast()
}
