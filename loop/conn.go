package loop

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Code is what a connection does when it is its turn: straight-line code that
// reads as if it were alone. It embeds a [Conn].
type Code interface {
	// Turn runs when there may be something to recv, on the goroutine that
	// owns the connection until Turn returns. What it returns is how it ends.
	Turn(r *Runner) Ending

	// Expired runs when the deadline of Rest has passed, or the connection was
	// killed. The caller owns the connection; Expired closes it or returns a
	// new Rest, and must not wait. What has to wait asks for a turn, by Again.
	Expired(r *Runner) Ending

	// Gone says, once or more, that the peer has gone or will send no more
	// while somebody owns the connection. It must not block, and may run at
	// any moment beside the owner.
	Gone()
}

// Ending is how a turn ends: rest until something arrives, or it has been
// closed.
type Ending struct {
	closed   bool
	again    bool
	deadline Instant
}

// Rest lets the connection rest, without goroutine or buffer, until the next
// arrival, or the deadline, if there is one.
func Rest(deadline Instant) Ending { return Ending{deadline: deadline} }

// Closed says that the turn has closed the connection.
func Closed() Ending { return Ending{closed: true} }

// Again asks for another turn after the others that are ready have had theirs.
func Again() Ending { return Ending{again: true} }

// ErrKilled is what waits and calls return once [Conn.Kill] was called.
var ErrKilled = errors.New("loop: the server closed this connection")

// Conn is the loop's part of a connection. Its methods, but Kill, are for the
// owner: the goroutine in Turn, and those that it lends the connection to (one
// for the receiving side, one for the sending side).
type Conn struct {
	claim    claim
	index    int32 // in the loop's timer heap; -1: not there
	fd       socket.FD
	gen      uint32
	writes   atomic.Bool // registered for freed space
	loop     *Loop
	code     Code
	deadline atomic.Int64 // of the rest, an Instant
	at       atomic.Int64 // when the timer will look, an Instant; none: it will not
	reader   *waiter
	writer   *waiter
}

// FD is the descriptor, for notes and system calls that the loop does not know.
func (c *Conn) FD() socket.FD { return c.fd }

// Recv takes up to len(p) bytes, or returns [socket.ErrAgain] when there are
// none; then WaitRead. 0 and nil is the end of the stream.
//
// A recv that brings fewer bytes than it has room for has emptied the queue
// (epoll(7)), so the next one is not tried before the next edge.
func (c *Conn) Recv(p []byte) (int, error) {
	if c.claim.has(shut) || c.claim.has(killed) && !c.claim.has(readable) {
		return 0, ErrKilled
	}
	if !c.claim.has(readable) {
		return 0, socket.ErrAgain
	}
	c.claim.clear(readable)
	n, err := c.loop.kernel.Recv(c.fd, p, socket.DONTWAIT)
	for interrupted(err) {
		n, err = c.loop.kernel.Recv(c.fd, p, socket.DONTWAIT)
	}
	switch {
	case err == socket.ErrAgain:
	case err != nil, n == 0, n == len(p), c.claim.has(hangup):
		// There may be more. An end is seen at every recv; one that came in the
		// same edge as the last bytes has no edge of its own.
		c.claim.note(readable)
	}
	return n, err
}

// Send hands bytes to the kernel, which may take fewer; with none taken it
// returns [socket.ErrAgain]: then WaitWrite. With more, the kernel may hold
// back a short packet because the next Send follows at once.
func (c *Conn) Send(p []byte, more bool) (int, error) {
	flags := socket.DONTWAIT
	if more {
		flags |= socket.MORE
	}
	if c.claim.has(killed | shut) {
		return 0, ErrKilled
	}
	c.claim.clear(writable)
	n, err := c.loop.kernel.Send(c.fd, p, flags)
	for interrupted(err) {
		n, err = c.loop.kernel.Send(c.fd, p, flags)
	}
	return n, err
}

// Sendfile copies up to n bytes of file from offset; otherwise like Send. 0
// and nil: the file ends there.
func (c *Conn) Sendfile(file socket.FD, offset int64, n int) (int, error) {
	if c.claim.has(killed | shut) {
		return 0, ErrKilled
	}
	c.claim.clear(writable)
	sent, err := c.loop.kernel.Sendfile(c.fd, file, offset, n)
	for interrupted(err) {
		sent, err = c.loop.kernel.Sendfile(c.fd, file, offset, n)
	}
	return sent, err
}

// Shutdown ends our sending side: the peer sees the end after the last byte.
func (c *Conn) Shutdown() error { return c.loop.kernel.Shutdown(c.fd, socket.SHUT_WR) }

// ResetOnClose makes Close send a reset instead of an orderly end.
func (c *Conn) ResetOnClose() error { return c.loop.kernel.Setsockopt(c.fd, socket.LingerZero, 1) }

// TakeLess has the kernel take at most n bytes beyond what the peer's window
// admits (TCP_NOTSENT_LOWAT); nothing happens where there is no such thing.
func (c *Conn) TakeLess(n int) { c.loop.kernel.Setsockopt(c.fd, socket.NotSentLowat, n) }

// PeerGone says that the peer has hung up or will send no more.
func (c *Conn) PeerGone() bool { return c.claim.has(hangup | killed) }

// Killed says that Kill was called.
func (c *Conn) Killed() bool { return c.claim.has(killed) }

// WaitRead parks until there is something to recv. A zero deadline is none; a
// past one gives [os.ErrDeadlineExceeded]. The caller passes the baton first.
func (c *Conn) WaitRead(deadline time.Time) error {
	w := c.loop.group.waiters.get()
	defer c.loop.group.waiters.put(w)
	c.reader = w
	return c.wait(w, waitRead, deadline)
}

// WaitWrite parks until there may be room to send, as WaitRead does.
func (c *Conn) WaitWrite(deadline time.Time) error {
	w := c.loop.group.waiters.get()
	defer c.loop.group.waiters.put(w)
	c.writer = w
	// The interest is registered on the first wait only: most connections
	// never fill their send buffer. Mod reports what is free already, so
	// nothing is lost between the send and here.
	if c.writes.CompareAndSwap(false, true) {
		if err := c.loop.poller.Mod(c.fd, c.key(), true); err != nil {
			return err
		}
	}
	return c.wait(w, waitWrite, deadline)
}

func (c *Conn) wait(w *waiter, bit uint32, deadline time.Time) error {
	if c.claim.park(bit) && !w.sleep(deadline) {
		if c.claim.unpark(bit) {
			return os.ErrDeadlineExceeded
		}
		<-w.woken
	}
	if c.claim.has(killed) {
		return ErrKilled
	}
	return nil
}

// wakeUp ends the waits that claim.event has cleared.
func (c *Conn) wakeUp(waits uint32) {
	if waits&waitRead != 0 {
		c.reader.woken <- struct{}{}
	}
	if waits&waitWrite != 0 {
		c.writer.woken <- struct{}{}
	}
}

// Close gives the descriptor back and takes the connection off the loop. Only
// the first call does anything.
func (c *Conn) Close() error {
	// Under the lock, because Kill must not shut a descriptor down that has
	// been given back and may be somebody else's by now.
	return c.leave(func() error { return c.loop.kernel.Close(c.fd) })
}

// Detach takes the connection off the loop and leaves the descriptor to the
// caller, in non-blocking mode. The turn then ends with Closed.
func (c *Conn) Detach() error {
	return c.leave(func() error { return c.loop.poller.Del(c.fd) })
}

// leave is the end of the connection on this loop, with how under the lock.
func (c *Conn) leave(how func() error) error {
	l := c.loop
	l.mu.Lock()
	if c.claim.has(shut) {
		l.mu.Unlock()
		return nil
	}
	c.claim.note(shut)
	l.timers.remove(c)
	l.group.table.remove(c)
	err := how()
	l.mu.Unlock()
	l.conns.Add(-1)
	l.group.closed()
	return err
}

// Kill ends the connection from outside, whoever owns it: the peer sees the
// end at once, whoever waits is woken, and the owner's next call returns
// ErrKilled. If nobody owns it, the code has an Expired turn.
func (c *Conn) Kill() {
	l := c.loop
	// Noted before it is done: an owner who sees the end shall find out that it
	// is ours.
	mine, waits := c.claim.event(killed)
	l.mu.Lock()
	if !c.claim.has(shut) {
		l.kernel.Shutdown(c.fd, socket.SHUT_RDWR)
	}
	l.mu.Unlock()
	c.wakeUp(waits)
	if mine {
		l.outside(c, Code.Expired)
		return
	}
	c.code.Gone()
}

func (c *Conn) key() uint64 { return uint64(uint32(c.fd)) | uint64(c.gen)<<32&^listenerKey }

// Visit runs f, which must not wait, on the caller's goroutine if the
// connection rests, as its owner for that long. False: somebody owns it.
func (c *Conn) Visit(f func(Code) Ending) bool {
	if !c.claim.take() {
		return false
	}
	c.loop.outside(c, func(code Code, _ *Runner) Ending { return f(code) })
	return true
}

// Nudge ends the owner's waits as if something had arrived, or there were
// room. Any goroutine may call it; a connection that rests is left alone.
func (c *Conn) Nudge() {
	c.wakeUp(c.claim.nudge(readable | writable))
}

// Deadline is that of the last Rest, for who wants to rest as before.
func (c *Conn) Deadline() Instant { return Instant(c.deadline.Load()) }

// Ignore forgets what has arrived, unread, so that the connection can rest
// although there is something to recv.
func (c *Conn) Ignore() { c.claim.clear(readable) }

// Group is the group that the connection was added to.
func (c *Conn) Group() *Group { return c.loop.group }

// Readable says whether a Recv may find something.
func (c *Conn) Readable() bool { return c.claim.has(readable) }
