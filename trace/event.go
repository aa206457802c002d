// Package trace names everything that a server does between the wire and the
// handler, once, and carries it to whoever watches.
//
//	kernel ── Tap ──┐
//	                ├── Emit ──▶ Ring ──▶ Reader (a terminal)
//	conn ───────────┘              └────▶ Reader (a page)
//
// Two places emit, no other: [Tap], which wraps a [socket.Kernel] and reports
// each system call, and the server's connection code, which reports what it
// made of the bytes: Parse, Handle, Respond, Baton, Rest, and Close with the
// reason, just before the call that closes.
//
// The watched never waits for the watcher. A [Ring] keeps the newest events;
// a [Reader] that is slower than the traffic loses the oldest and is told how
// many. Whoever emits checks for a nil [*Ring] before building an [Event], so
// that a server that nobody watches pays one comparison.
//
// Events hold the bytes as they were on the wire, secrets too. Hiding them is
// the business of whoever shows an event (package watch does); an Event that
// leaves the process by another way has to be cleaned first.
package trace

import (
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Event is one thing that happened.
//
// An Event is a value, but Data is shared by all readers of a ring: it is
// read-only from the moment it is emitted.
type Event struct {
	// Seq is the order of emission, from 1, given by the ring; 0 for an event
	// that went through none. A call is emitted when it has returned.
	Seq uint64

	// Time is when it began (with a monotonic reading), Took how long it
	// lasted: for a system call, between calling and returning.
	Time time.Time
	Took time.Duration

	// Conn is the number of the connection, from 1, in the order of their
	// acceptance, never used again. 0: none, as for a listening socket.
	Conn uint64

	// FD is the descriptor that it happened to; -1: none. An Accept that
	// succeeded has the new connection's; Args names the listening one.
	FD socket.FD

	Verb Verb

	// Off and Len are a range of bytes, counted from the beginning of the
	// connection: of what it received (Recv, Recvfrom, Parse) or of what it
	// sent (Send, Sendto, Sendfile, Respond). Len is what was really moved,
	// however much of it stands in Data. On a TLS connection the calls count its
	// records, and Parse, Respond, Decrypt and Encrypt the bytes inside.
	Off int64
	Len int

	// Data is a copy of the first of those bytes, as many as the watcher
	// asked for; nil when it asked for none.
	Data []byte

	// Args and Result describe a system call as strace(1) does, without the
	// bytes that it moved, which are in Data. Result is never empty for a
	// call, and both are empty for everything else.
	Args, Result string

	// Note says in words what the verb alone does not: Parse "GET /test
	// HTTP/1.1", Respond "HTTP/1.1 200 OK", Handle the pattern, Accept the
	// peer "127.0.0.1:51234 (tcp)", Close the reason, Baton who took it.
	Note string

	// Err is what went wrong: the kernel's refusal, or the peer's breach.
	// "Nothing now" (socket.ErrAgain) is not an error; Result has it.
	Err error
}

// IsCall reports whether the event is a system call, seen by a [Tap].
func (e *Event) IsCall() bool { return e.Result != "" }

// Received reports whether Off and Len count received bytes.
func (e *Event) Received() bool {
	switch e.Verb {
	case Recv, Recvfrom, Parse, Decrypt:
		return true
	}
	return false
}

// Sent reports whether Off and Len count sent bytes.
func (e *Event) Sent() bool {
	switch e.Verb {
	case Send, Sendto, Sendfile, Respond, Encrypt:
		return true
	}
	return false
}

// Watcher is whoever watches a server: a [*Ring], or something that has one.
type Watcher interface {
	// Ring is where to emit. It is asked once, when the server starts.
	Ring() *Ring
}

// Copy is a copy of the first bytes of p, at most max; nil if max is 0 or
// less, or p is empty. It makes an event's Data out of a buffer that will be
// used again.
func Copy(p []byte, max int) []byte {
	if max <= 0 || len(p) == 0 {
		return nil
	}
	c := make([]byte, min(len(p), max))
	copy(c, p)
	return c
}
