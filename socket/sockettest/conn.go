package sockettest

import (
	"io"
	"os"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Conn is a client's end of a connection, for tests: no descriptor, no entry
// in the log, no faults. It has the methods of a net.Conn, but that LocalAddr
// and RemoteAddr return socket.Addr, which is a net.Addr: whoever needs the
// interface itself wraps these two.
//
// Like a net.Conn it is safe for concurrent use.
type Conn struct {
	k               *Kernel
	s               *sock
	readBy, writeBy deadline
}

// deadline is when a direction stops to wait; zero is never.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// Dial connects to addr, waiting as long as the listener's queue is full.
func (k *Kernel) Dial(addr socket.Addr) (*Conn, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := newSock(addr.Family, socket.STREAM)
	if errno := k.connect(s, addr); errno != 0 {
		k.close(s)
		return nil, refused("connect", -1, addr, errno)
	}
	return &Conn{k: k, s: s}, nil
}

// Read returns io.EOF at the end of the stream, and os.ErrDeadlineExceeded.
func (c *Conn) Read(p []byte) (int, error) {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	for {
		if err := c.usable(&c.readBy); err != nil {
			return 0, err
		}
		n, errno := c.k.recv(c.s, p, 0)
		switch {
		case errno == 0 && n == 0 && len(p) > 0:
			return 0, io.EOF
		case errno != syscall.EAGAIN:
			return n, refused("recv", -1, socket.Addr{}, errno)
		}
		c.k.changed.Wait()
	}
}

// Write waits until everything has been taken.
func (c *Conn) Write(p []byte) (int, error) {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	sent := 0
	for {
		if err := c.usable(&c.writeBy); err != nil {
			return sent, err
		}
		n, errno := c.k.send(c.s, p[sent:])
		sent += n
		switch {
		case errno != 0 && errno != syscall.EAGAIN:
			return sent, refused("send", -1, socket.Addr{}, errno)
		case sent == len(p):
			return sent, nil
		case n == 0:
			c.k.changed.Wait()
		}
	}
}

func (c *Conn) usable(d *deadline) error {
	if c.s.closed {
		return os.ErrClosed
	}
	if !d.at.IsZero() && !time.Now().Before(d.at) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Close ends both directions; unread bytes make it a reset.
func (c *Conn) Close() error {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	if c.s.closed {
		return os.ErrClosed
	}
	c.readBy.stop()
	c.writeBy.stop()
	c.k.close(c.s)
	return nil
}

// Reset closes with a reset: the peer's next Recv is ECONNRESET.
func (c *Conn) Reset() error {
	c.k.mu.Lock()
	c.s.options[socket.LingerZero] = 1
	c.k.mu.Unlock()
	return c.Close()
}

// CloseWrite ends the sending direction: the peer reads the end, and can still
// send.
func (c *Conn) CloseWrite() error {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	if c.s.closed {
		return os.ErrClosed
	}
	return refused("shutdown", -1, socket.Addr{}, c.k.shutdown(c.s, socket.SHUT_WR))
}

// SetRecvBuffer bounds how many bytes wait here unread, so that a test can be
// a slow reader. Default 64 KiB.
func (c *Conn) SetRecvBuffer(n int) {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	c.s.options[socket.RecvBuffer] = n
	c.k.changed.Broadcast()
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() socket.Addr {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	return c.s.name()
}

// RemoteAddr is the other end's address.
func (c *Conn) RemoteAddr() socket.Addr {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	return c.s.remote
}

// SetDeadline sets when Read and Write give up, present calls too; the zero
// time is never.
func (c *Conn) SetDeadline(t time.Time) error { return c.set(t, &c.readBy, &c.writeBy) }

// SetReadDeadline is SetDeadline for Read.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.set(t, &c.readBy) }

// SetWriteDeadline is SetDeadline for Write.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.set(t, &c.writeBy) }

func (c *Conn) set(t time.Time, ds ...*deadline) error {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	if c.s.closed {
		return os.ErrClosed
	}
	for _, d := range ds {
		d.stop()
		d.at = t
		if !t.IsZero() {
			d.timer = time.AfterFunc(time.Until(t), func() {
				c.k.mu.Lock()
				defer c.k.mu.Unlock()
				c.k.changed.Broadcast()
			})
		}
	}
	c.k.changed.Broadcast()
	return nil
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}
