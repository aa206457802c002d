package genkan

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// newDirectConn is a connection over a net.Conn, with a goroutine of its own.
func newDirectConn(srv *Server, from *source, nc net.Conn, config *tls.Config) *conn {
	now := time.Now()
	c := &conn{srv: srv, from: from, base: from.base, requestBegan: loop.InstantOf(now)}
	c.headDeadline = c.requestBegan.After(srv.headTime())
	if _, over := nc.(interface{ ConnectionState() tls.ConnectionState }); !over && srv.trusts(socketAddr(nc.RemoteAddr())) {
		c.expectHeader()
		nc = &relayed{Conn: nc}
	}
	if config != nil {
		nc = tls.Server(nc, config)
	}
	c.view = nc
	c.tr = &netTransport{nc: nc, c: c, accepted: now}
	c.number = srv.numbers.Add(1)
	if a := nc.RemoteAddr(); a != nil {
		c.remote = a.String()
	}
	c.emit(trace.Event{Time: now, Verb: trace.Accept, Note: c.remote})
	return c
}

// admit starts it, unless the server is shutting down.
func (srv *Server) admit(c *conn) {
	srv.mu.Lock()
	if srv.shutting.Load() {
		srv.mu.Unlock()
		c.tr.close()
		return
	}
	srv.direct[c] = struct{}{}
	srv.mu.Unlock()
	go c.serveDirect()
}

// serveDirect is the goroutine. The transport waits for bytes itself, so run
// comes back only when the connection is closed.
func (c *conn) serveDirect() {
	w := works.Get().(*work)
	w.serves(c.srv)
	if !c.awaitHeaderDirect(w) {
		return
	}
	c.introduce()
	switch over := c.view.(type) {
	case *tls.Conn:
		if !c.secureDirect(over) {
			return
		}
	case interface{ ConnectionState() tls.ConnectionState }: // a wrapper around TLS, as http.Server takes it
		state := over.ConnectionState()
		c.secure = &state
	}
	c.run(w)
	dropWork(w)
}

// secureDirect makes the handshake of a tls.Conn over package net. False: the
// connection has ended, or is the HTTP/2 engine's.
func (c *conn) secureDirect(tc *tls.Conn) bool {
	c.srv.deciding.Add(1)
	defer c.srv.deciding.Add(-1)
	_, ok := c.shakeHands(tc, func(ctx context.Context, deadline time.Time) error {
		tc.SetDeadline(deadline)
		defer tc.SetDeadline(time.Time{})
		return tc.HandshakeContext(ctx)
	})
	if ok && c.secure.NegotiatedProtocol == "h2" {
		c.leaveFor2(nil)
		return false
	}
	return ok
}

// kill cuts the connection, whatever its goroutine does.
func (c *conn) kill() {
	if ex := c.current.Load(); ex != nil {
		ex.ctx.cancel(context.Canceled)
	}
	c.tr.close()
}

// closeIfIdle ends the wait of a connection between requests; its goroutine
// then sees that the server is shutting down, or serves what has come in this
// moment.
func (c *conn) closeIfIdle(_ http1.CloseReason) {
	switch c.phase.Load() {
	case phaseIdle:
		c.tr.(*netTransport).nudgeIf(phaseIdle)
	case phaseNew:
		if time.Since(c.tr.(*netTransport).accepted) > newConnGrace {
			c.tr.(*netTransport).nudgeIf(phaseNew)
		}
	}
}
