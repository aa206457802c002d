// Package sockettest is a kernel in memory: a [Kernel] is a [socket.Kernel]
// whose connections, datagrams, addresses and descriptors exist in this process
// alone. A test of a server on it needs no ports and no sleeps, sees each call
// ([Kernel.Log]), and can make any of them fail ([Kernel.Fault]).
//
//	k := sockettest.New()
//	… start the server on k, and on k.NewPoller() …
//	c, err := k.Dial(addr)      // a client, with deadlines
//	… talk …
//	k.Open()                    // descriptors the server has not closed
//
// What the kernel does was taken from Linux, and the same tests run against
// both. Not played: time (no TIME_WAIT, no retransmission, nothing is ever on
// its way), permissions, TCP's segments. The addresses of the machine are
// 127.0.0.0/8 and ::1.
//
// Waiting calls wait on a sync.Cond, so inside a bubble of testing/synctest
// they are durably blocked. A call that waits on a descriptor which is closed
// meanwhile returns EBADF.
package sockettest

import (
	"io"
	"slices"
	"sync"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// firstFD is above any descriptor that a test's process really has, so that one
// that strays into the real kernel means EBADF there and not somebody's file.
const firstFD socket.FD = 1000

// Kernel is a kernel in memory. The zero value is not ready: use [New].
type Kernel struct {
	mu      sync.Mutex
	changed sync.Cond // broadcast whenever anything that a call waits for may have happened

	fds    map[socket.FD]*open
	limit  int
	socks  map[*sock]struct{} // bound to an INET or INET6 address
	names  map[string]*node   // UNIX paths and abstract names
	port   uint16             // the ephemeral port given last
	locked map[string]bool    // folders
	faults []*Fault
	calls  map[string]int // by name; "" is all
	log    []Call
}

// open is what a descriptor stands for: a socket or a file.
type open struct {
	sock *sock
	file io.ReaderAt
}

var _ socket.Kernel = (*Kernel)(nil)

// New makes a kernel with nothing open and no faults.
func New() *Kernel {
	k := &Kernel{
		fds:    make(map[socket.FD]*open),
		socks:  make(map[*sock]struct{}),
		names:  make(map[string]*node),
		port:   32767,
		locked: make(map[string]bool),
		calls:  make(map[string]int),
	}
	k.changed.L = &k.mu
	return k
}

// Limit sets how many descriptors may be open; one more is EMFILE. 0 is no
// limit.
func (k *Kernel) Limit(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.limit = n
}

// Open is the descriptors that are open, in order: those that a test's subject
// has leaked, when it has ended. A client's ([Conn]) are not among them.
func (k *Kernel) Open() []socket.FD {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []socket.FD
	for fd := range k.fds {
		all = append(all, fd)
	}
	slices.Sort(all)
	return all
}

// File opens a file for Sendfile. Close closes it.
func (k *Kernel) File(content io.ReaderAt) socket.FD {
	k.mu.Lock()
	defer k.mu.Unlock()
	fd := k.lowest()
	k.fds[fd] = &open{file: content}
	return fd
}

// lowest is the lowest free descriptor.
func (k *Kernel) lowest() socket.FD {
	fd := firstFD
	for k.fds[fd] != nil {
		fd++
	}
	return fd
}

// install gives s a descriptor, or tells why not.
func (k *Kernel) install(s *sock) (socket.FD, syscall.Errno) {
	if k.limit > 0 && len(k.fds) >= k.limit {
		return -1, syscall.EMFILE
	}
	fd := k.lowest()
	k.fds[fd] = &open{sock: s}
	return fd, 0
}

// sock is the socket behind fd.
func (k *Kernel) sock(fd socket.FD) (*sock, syscall.Errno) {
	switch o := k.fds[fd]; {
	case o == nil:
		return nil, syscall.EBADF
	case o.sock == nil:
		return nil, syscall.ENOTSOCK
	default:
		return o.sock, 0
	}
}

// wait lets other calls happen until something changed. It reports false if s
// was closed meanwhile.
func (k *Kernel) wait(s *sock) bool {
	k.changed.Wait()
	return !s.closed
}

// refused is errno as the method of a Kernel returns it.
func refused(call string, fd socket.FD, addr socket.Addr, errno syscall.Errno) error {
	switch errno {
	case 0:
		return nil
	case syscall.EAGAIN, syscall.EINPROGRESS:
		return socket.ErrAgain
	}
	return &socket.Error{Call: call, FD: fd, Addr: addr, Errno: errno}
}
