package sockettest

import (
	"net/netip"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Listen makes the socket a listener.
func (k *Kernel) Listen(fd socket.FD, backlog int) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("listen", fd, 0, err, "") }()
	errno := k.fault("listen", fd).Err
	if errno == 0 {
		var s *sock
		if s, errno = k.sock(fd); errno == 0 {
			errno = k.listen(s, backlog)
		}
	}
	return refused("listen", fd, socket.Addr{}, errno)
}

// somaxconn is the greatest backlog.
const somaxconn = 4096

func (k *Kernel) listen(s *sock, backlog int) syscall.Errno {
	switch {
	case s.typ != socket.STREAM:
		return syscall.EOPNOTSUPP
	case s.stream != nil, s.family == socket.UNIX && s.local.Family == 0:
		return syscall.EINVAL
	}
	k.autobind(s, netip.Addr{})
	if backlog <= 0 || backlog > somaxconn {
		backlog = somaxconn
	}
	s.listening, s.backlog = true, backlog
	return 0
}

// Accept takes one connection off the queue.
func (k *Kernel) Accept(fd socket.FD, flags socket.Type) (conn socket.FD, peer socket.Addr, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	logged := fd
	defer func() { k.note("accept", logged, int(conn), err, peer.String()) }()
	f := k.fault("accept", fd)
	s, errno := k.sock(fd)
	var c *sock
	if errno == 0 {
		if errno = f.Err; errno != 0 {
			k.after(s, f)
		} else {
			c, errno = k.next(s)
		}
	}
	conn = -1
	if errno == 0 {
		conn, errno = k.install(c)
	}
	if errno != 0 {
		return -1, socket.Addr{}, refused("accept", fd, socket.Addr{}, errno)
	}
	s.queue = s.queue[1:]
	k.admit(s)
	c.nonblock = flags&socket.NONBLOCK != 0
	logged = conn
	return conn, c.remote, nil
}

// next is the first connection in the queue of s, waiting for one if s does.
// It stays in the queue.
func (k *Kernel) next(s *sock) (*sock, syscall.Errno) {
	for s.listening && len(s.queue) == 0 {
		if s.nonblock {
			return nil, syscall.EAGAIN
		}
		if !k.wait(s) {
			return nil, syscall.EBADF
		}
	}
	if !s.listening {
		return nil, syscall.EINVAL
	}
	return s.queue[0], 0
}

// admit moves those who knock into the queue while it has room.
func (k *Kernel) admit(s *sock) {
	for len(s.knocking) > 0 && len(s.queue) < s.backlog {
		client := s.knocking[0]
		s.knocking = s.knocking[1:]
		if client.closed {
			continue
		}
		server := newSock(s.family, socket.STREAM)
		for opt, v := range s.options {
			server.options[opt] = v // as on Linux: TCP_NODELAY, buffers, …
		}
		server.local, server.remote = s.local, client.name()
		if s.family != socket.UNIX {
			server.local = reachedAs(s.family, client.remote.IP)
			server.remote = reachedAs(s.family, client.local.IP)
		}
		connected(client, server)
		s.queue = append(s.queue, server)
		k.edge(client)
	}
	k.edge(s)
}

// reachedAs is ap as a socket of the family writes it.
func reachedAs(f socket.Family, ap netip.AddrPort) socket.Addr {
	return socket.Addr{Family: f, IP: netip.AddrPortFrom(canonical(f, ap.Addr()), ap.Port())}
}

// deafen ends a listener: who is in its queue is reset, who knocks is refused.
func (k *Kernel) deafen(s *sock) {
	s.listening = false
	for _, server := range s.queue {
		server.closed = true
		k.reset(server.stream.peer)
	}
	for _, client := range s.knocking {
		client.err = syscall.ECONNREFUSED
		client.stream = nil
		k.edge(client)
	}
	s.queue, s.knocking = nil, nil
}
