// Package socket is what a program can ask the kernel about sockets: one
// method per system call, one file per method, nothing in between.
//
//	socket ─ bind ─ listen ─ accept ─ recv ─ send ─ close
//
// A server calls them in that order. [OS] is the kernel of this machine.
// Two more kernels stand at the same seam, [Kernel]: trace.Tap wraps one and
// reports each call; sockettest.Kernel plays one in memory.
//
// The package knows neither HTTP nor event loops.
package socket

// Kernel is the seam: everything the project asks of the operating system
// about sockets goes through one of these methods, each of which is one
// system call (the page of section 2 of the manual has the method's name).
//
// Errors are one of three. [ErrAgain], bare, when a call that was told not to
// wait finds nothing to do: EAGAIN, EWOULDBLOCK and EINPROGRESS. io.EOF never: the end of a
// stream is n == 0 with a nil error, as recv(2) has it. Everything else is an
// [*Error], which names the call and unwraps to the errno. [OS] repeats a call
// that a signal interrupted; another Kernel may return EINTR, and callers that
// take any Kernel repeat the call.
//
// A Kernel is safe for concurrent use, as system calls are. Byte slices are
// the caller's again when the call returns.
type Kernel interface {
	// Socket makes a socket: socket(2). With [NONBLOCK] in typ, calls on it
	// return ErrAgain instead of waiting. Descriptors are close-on-exec.
	Socket(family Family, typ Type) (FD, error)

	// Setsockopt sets an option whose value is an int: setsockopt(2).
	Setsockopt(fd FD, opt Option, value int) error

	// Bind gives the socket an address: bind(2).
	Bind(fd FD, addr Addr) error

	// Listen makes the kernel queue incoming connections: listen(2). A backlog of 0
	// or less means the kernel's own maximum (somaxconn).
	Listen(fd FD, backlog int) error

	// Accept takes one connection off the queue: accept(2). flags may hold
	// [NONBLOCK], for the new descriptor, and then fd must be non-blocking
	// as well: Go's scheduler is not told of such a call. Without, whether
	// Accept waits depends on the listening descriptor.
	Accept(fd FD, flags Type) (conn FD, peer Addr, err error)

	// Connect asks for a connection to addr: connect(2). On a non-blocking
	// socket ErrAgain means "under way" (EINPROGRESS): wait until writable,
	// then read the [SockError] option with Getsockopt.
	Connect(fd FD, addr Addr) error

	// Getsockopt reads an option whose value is an int: getsockopt(2).
	Getsockopt(fd FD, opt Option) (int, error)

	// Recv takes up to len(p) bytes that have arrived: recv(2). n == 0 with
	// a nil error is the end: the peer will send no more (for a non-empty p on a STREAM). With
	// [DONTWAIT] in flags it never waits, whatever the descriptor's mode.
	Recv(fd FD, p []byte, flags MsgFlag) (n int, err error)

	// Send hands bytes to the kernel, which may take fewer than len(p):
	// send(2). It never raises SIGPIPE.
	Send(fd FD, p []byte, flags MsgFlag) (n int, err error)

	// Recvfrom is Recv with the sender's address: recvfrom(2).
	Recvfrom(fd FD, p []byte, flags MsgFlag) (n int, from Addr, err error)

	// Sendto is Send with a destination: sendto(2).
	Sendto(fd FD, p []byte, flags MsgFlag, to Addr) (n int, err error)

	// Sendfile copies up to n bytes of the file in, from offset, to the
	// socket out without bringing them into the program: sendfile(2). It
	// does not move in's own offset. 0 with a nil error: the file ended.
	// The socket must be non-blocking.
	Sendfile(out FD, in FD, offset int64, n int) (int, error)

	// Shutdown ends one or both directions of a connection: shutdown(2).
	Shutdown(fd FD, how How) error

	// Close gives the descriptor back: close(2). It is never repeated, even
	// after EINTR: the descriptor is gone either way.
	Close(fd FD) error

	// Getsockname is the socket's own address: getsockname(2).
	Getsockname(fd FD) (Addr, error)

	// Getpeername is the address of the other end: getpeername(2).
	Getpeername(fd FD) (Addr, error)
}

// FD is a file descriptor: the small number by which the kernel knows an open
// socket (or file, or pipe) of this process.
type FD int

// Family is a socket's address family, the first argument of socket(2).
type Family uint8

// The three families. The zero Family is none.
const (
	INET  Family = iota + 1 // IPv4, ip(7)
	INET6                   // IPv6, ipv6(7)
	UNIX                    // a path or a name on this machine, unix(7)
)

// Type is a socket's type, the second argument of socket(2), with flags.
type Type uint8

// The two types, and the flag that may be added to one.
const (
	STREAM   Type = 1    // a connection: bytes in order, or an error, tcp(7)
	DGRAM    Type = 2    // messages, each for itself, which may be lost, udp(7)
	NONBLOCK Type = 0x80 // calls return ErrAgain instead of waiting
)

// MsgFlag changes one recv or send.
type MsgFlag uint8

// Flags of recv(2) and send(2).
const (
	DONTWAIT MsgFlag = 1 << iota // do not wait, whatever the descriptor's mode
	PEEK                         // recv: leave the bytes in the queue
	MORE                         // send: more follows at once, so do not send a short packet yet (Linux; elsewhere ignored)
)

// How says which direction Shutdown ends.
type How uint8

// The three ways of shutdown(2).
const (
	SHUT_RD   How = iota // we read no more
	SHUT_WR              // we send no more: the peer sees the end
	SHUT_RDWR            // both
)

// Option is an option of setsockopt(2) whose value is an int.
type Option uint8

// Options. Booleans take 0 and 1. An option that the system lacks is an error
// that unwraps to ENOPROTOOPT.
const (
	ReuseAddr    Option = iota + 1 // SO_REUSEADDR: bind although old connections linger
	ReusePort                      // SO_REUSEPORT: several sockets, one port
	V6Only                         // IPV6_V6ONLY: an INET6 socket takes no IPv4
	NoDelay                        // TCP_NODELAY: send small packets at once
	KeepAlive                      // SO_KEEPALIVE
	RecvBuffer                     // SO_RCVBUF, bytes
	SendBuffer                     // SO_SNDBUF, bytes
	DeferAccept                    // TCP_DEFER_ACCEPT, seconds (Linux)
	NotSentLowat                   // TCP_NOTSENT_LOWAT, bytes: what the kernel takes before it has sent them (Linux; elsewhere ENOPROTOOPT)
	LingerZero                     // SO_LINGER on with 0 s: close sends a reset
	SockError                      // SO_ERROR, Getsockopt only: the pending error's number
)
