package ask

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// link is where bytes come from and go to. recv and send wait; interrupt, from
// any goroutine, ends their waiting for good. recv at the end of the stream is
// 0 and nil.
type link interface {
	recv(p []byte) (int, error)
	send(p []byte) (int, error)
	interrupt()
	close() error
}

// kernelLink is a socket of ours that waits.
type kernelLink struct {
	k  socket.Kernel
	fd socket.FD

	mu     sync.Mutex
	closed bool
}

func (l *kernelLink) recv(p []byte) (int, error) { return l.k.Recv(l.fd, p, 0) }
func (l *kernelLink) send(p []byte) (int, error) { return l.k.Send(l.fd, p, 0) }

func (l *kernelLink) interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed { // else the number may be somebody else's by now
		l.k.Shutdown(l.fd, socket.SHUT_RDWR)
	}
}

func (l *kernelLink) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	return l.k.Close(l.fd)
}

// netLink is package net's, for systems on which package socket has no kernel.
type netLink struct{ net.Conn }

func (l *netLink) recv(p []byte) (int, error) { return readLink(l.Conn, p) }
func (l *netLink) send(p []byte) (int, error) { return l.Conn.Write(p) }
func (l *netLink) interrupt()                 { l.Conn.SetDeadline(time.Unix(1, 0)) }
func (l *netLink) close() error               { return l.Conn.Close() }

func readLink(r io.Reader, p []byte) (int, error) {
	n, err := r.Read(p)
	if n > 0 || errors.Is(err, io.EOF) {
		return n, nil
	}
	return 0, err
}

// tlsLink is what is inside TLS; report is told of it, as nobody else sees it.
type tlsLink struct {
	session        *tls.Conn
	under          link
	report         func(trace.Event)
	received, sent int64
}

func (l *tlsLink) recv(p []byte) (int, error) {
	n, err := readLink(l.session, p)
	if n > 0 {
		l.report(trace.Event{Verb: trace.Decrypt, Off: l.received, Len: n, Data: p[:n]})
		l.received += int64(n)
	}
	return n, err
}

func (l *tlsLink) send(p []byte) (int, error) {
	n, err := l.session.Write(p)
	if n > 0 {
		l.report(trace.Event{Verb: trace.Encrypt, Off: l.sent, Len: n, Data: p[:n]})
		l.sent += int64(n)
	}
	return n, err
}

func (l *tlsLink) interrupt() { l.under.interrupt() }

func (l *tlsLink) close() error {
	polite := time.AfterFunc(grace, l.under.interrupt)
	l.session.CloseWrite() // close_notify, if it goes at once
	polite.Stop()
	return l.under.close()
}

// linkConn is a link as crypto/tls wants it. Deadlines are the interrupt's.
type linkConn struct{ link link }

func (c *linkConn) Read(p []byte) (int, error) {
	n, err := c.link.recv(p)
	if n == 0 && err == nil && len(p) > 0 {
		return 0, io.EOF
	}
	return n, err
}

func (c *linkConn) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = c.link.send(p[n:])
		n += k
	}
	return n, err
}

func (c *linkConn) Close() error                     { return c.link.close() }
func (c *linkConn) LocalAddr() net.Addr              { return socket.Addr{} }
func (c *linkConn) RemoteAddr() net.Addr             { return socket.Addr{} }
func (c *linkConn) SetDeadline(time.Time) error      { return nil }
func (c *linkConn) SetReadDeadline(time.Time) error  { return nil }
func (c *linkConn) SetWriteDeadline(time.Time) error { return nil }
