package learn

import (
	"errors"
	"runtime"
	"sync"

	"github.com/genkan-http/genkan/socket"
)

// errStopped is what a step's calls return once it has been stopped.
var errStopped = errors.New("the step was stopped")

// stopper is a Kernel whose waiting calls can be ended from outside: the steps
// wait in accept, recv and recvfrom, as the first servers of their readers
// will, and must go at once when they are told to.
//
// stop shuts down (shutdown(2)) every open descriptor. On Linux that wakes
// whoever waits on it, listening and datagram sockets too, and a call that was
// just about to begin fails as well: the shutdown stays. Other systems refuse
// it for sockets without a peer (ENOTCONN), so there stop knocks as well: it
// connects to the listener, or sends it an empty datagram, and what waits in a
// queue is not missed either. No descriptor is closed behind the step's back:
// its number could be somebody else's by then. The step's own Closes follow.
//
// It also sees when a step first waits for a client, and what it has bound by
// then: that is the moment when the step is ready.
type stopper struct {
	socket.Kernel               // what the step calls
	below         socket.Kernel // what the stopper itself calls: the same without a tap
	ready         func([]socket.Addr)
	stopping      func() // nil, or called once, before stop wakes anybody
	knock         bool

	mu      sync.Mutex
	open    []opened // in the order of their making
	stopped bool
	once    sync.Once
	knocks  []socket.FD
}

// opened is a descriptor that the step has not closed.
type opened struct {
	fd    socket.FD
	typ   socket.Type
	bound bool
}

func newStopper(k, below socket.Kernel, ready func([]socket.Addr)) *stopper {
	return &stopper{Kernel: k, below: below, ready: ready, knock: runtime.GOOS != "linux"}
}

// stop ends every call that waits and lets no further one begin. A step
// that closes a descriptor meanwhile waits for stop.
func (s *stopper) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped && s.stopping != nil {
		s.stopping()
	}
	s.stopped = true
	for _, o := range s.open {
		_ = s.below.Shutdown(o.fd, socket.SHUT_RDWR)
		if s.knock && o.bound {
			s.knockAt(o)
		}
	}
}

// knockAt wakes whoever waits at o. The knocking descriptor stays open until
// release: closed, its connection might leave the queue again.
func (s *stopper) knockAt(o opened) {
	at, err := s.below.Getsockname(o.fd)
	if err != nil {
		return
	}
	fd, err := s.below.Socket(at.Family, o.typ|socket.NONBLOCK)
	if err != nil {
		return
	}
	s.knocks = append(s.knocks, fd)
	if o.typ == socket.DGRAM {
		_, _ = s.below.Sendto(fd, nil, 0, at)
		return
	}
	_ = s.below.Connect(fd, at)
}

// release closes what stop opened, after the step has returned.
func (s *stopper) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fd := range s.knocks {
		_ = s.below.Close(fd)
	}
	s.knocks = nil
}

func (s *stopper) wasStopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// waiting is called before a step waits for clients.
func (s *stopper) waiting() {
	s.once.Do(func() {
		if s.ready == nil {
			return
		}
		s.mu.Lock()
		open := append([]opened(nil), s.open...)
		s.mu.Unlock()
		var addrs []socket.Addr
		for _, o := range open {
			if !o.bound {
				continue
			}
			if at, err := s.below.Getsockname(o.fd); err == nil {
				addrs = append(addrs, at)
			}
		}
		s.ready(addrs)
	})
}

// Socket makes a socket and remembers it.
func (s *stopper) Socket(family socket.Family, typ socket.Type) (socket.FD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return -1, errStopped
	}
	fd, err := s.Kernel.Socket(family, typ)
	if err == nil {
		s.open = append(s.open, opened{fd: fd, typ: typ &^ socket.NONBLOCK})
	}
	return fd, err
}

// Bind remembers which sockets have an address.
func (s *stopper) Bind(fd socket.FD, addr socket.Addr) error {
	err := s.Kernel.Bind(fd, addr)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := range s.open {
			if s.open[i].fd == fd {
				s.open[i].bound = true
			}
		}
	}
	return err
}

// Accept waits for a connection, unless or until stop.
func (s *stopper) Accept(fd socket.FD, flags socket.Type) (socket.FD, socket.Addr, error) {
	s.waiting()
	if s.wasStopped() {
		return -1, socket.Addr{}, errStopped
	}
	conn, peer, err := s.Kernel.Accept(fd, flags)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		if err == nil {
			_ = s.Kernel.Close(conn)
		}
		return -1, socket.Addr{}, errStopped
	}
	if err == nil {
		s.open = append(s.open, opened{fd: conn, typ: socket.STREAM})
	}
	return conn, peer, err
}

// Recv waits for bytes, unless or until stop.
func (s *stopper) Recv(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	if s.wasStopped() {
		return 0, errStopped
	}
	n, err := s.Kernel.Recv(fd, p, flags)
	if s.wasStopped() {
		return 0, errStopped
	}
	return n, err
}

// Send waits for room, unless or until stop.
func (s *stopper) Send(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	if s.wasStopped() {
		return 0, errStopped
	}
	return s.Kernel.Send(fd, p, flags)
}

// Recvfrom waits for a datagram, unless or until stop.
func (s *stopper) Recvfrom(fd socket.FD, p []byte, flags socket.MsgFlag) (int, socket.Addr, error) {
	if flags&socket.DONTWAIT == 0 {
		s.waiting()
	}
	if s.wasStopped() {
		return 0, socket.Addr{}, errStopped
	}
	n, from, err := s.Kernel.Recvfrom(fd, p, flags)
	if s.wasStopped() {
		return 0, socket.Addr{}, errStopped
	}
	return n, from, err
}

// Close forgets the descriptor, and waits for a stop that is under way.
func (s *stopper) Close(fd socket.FD) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.open {
		if o.fd == fd {
			s.open = append(s.open[:i], s.open[i+1:]...)
			break
		}
	}
	return s.Kernel.Close(fd)
}
