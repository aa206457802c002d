package genkan

import (
	"errors"
	"io"
	"net"
)

// relayed is a connection that a proxy has relayed to us, as one of package
// net's: its addresses are those that the PROXY header said. A handler gets it
// from Hijack; NetConn is what it stands on.
type relayed struct {
	net.Conn
	early         []byte   // received with the header, and not part of it
	remote, local net.Addr // nil: the connection's own
}

func (r *relayed) Read(p []byte) (int, error) {
	if len(r.early) > 0 {
		n := copy(p, r.early)
		r.early = r.early[n:]
		return n, nil
	}
	return r.Conn.Read(p)
}

// ReadFrom keeps sendfile(2), which package net does where it can.
func (r *relayed) ReadFrom(from io.Reader) (int64, error) { return io.Copy(r.Conn, from) }

// CloseWrite ends our sending side, where one side can be ended alone.
func (r *relayed) CloseWrite() error {
	if half, ok := r.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// NetConn is the connection from the proxy, as crypto/tls names its own.
func (r *relayed) NetConn() net.Conn { return r.Conn }

func (r *relayed) RemoteAddr() net.Addr {
	if r.remote != nil {
		return r.remote
	}
	return r.Conn.RemoteAddr()
}

func (r *relayed) LocalAddr() net.Addr {
	if r.local != nil {
		return r.local
	}
	return r.Conn.LocalAddr()
}

// detach makes the connection one of package net's, for good. A socket from a
// loop does not know what its proxy has said.
func (c *conn) detach() (nc net.Conn, early []byte, err error) {
	nc, early, err = c.tr.detach()
	if _, bare := c.tr.(*socketTransport); bare && err == nil && c.wanted != nil {
		nc = &relayed{Conn: nc, remote: netAddr(c.peer), local: c.wanted}
	}
	return nc, early, err
}
