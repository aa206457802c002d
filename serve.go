package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// Serve takes connections from l until Shutdown or Close, and then returns
// http.ErrServerClosed; l is closed by then. A [Listener] made by Listen is
// served on the loop; any other net.Listener with a goroutine per connection.
func (srv *Server) Serve(l net.Listener) error {
	srv.begin()
	own, ok := l.(*Listener)
	if ok && own.fd >= 0 {
		return srv.serveLoop(own, nil)
	}
	return srv.serveDirect(l, nil)
}

// track notes a listener that is being served, and how to stop it. False: the
// server is shutting down.
func (srv *Server) track(l net.Listener, stop func()) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.shutting.Load() {
		return false
	}
	srv.listeners[l] = stop
	return true
}

func (srv *Server) untrack(l net.Listener) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.listeners, l)
}

// loops is the server's group of loops, started at the first call.
func (srv *Server) loops() (*loop.Group, error) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.group != nil {
		return srv.group, nil
	}
	if srv.shutting.Load() {
		return nil, http.ErrServerClosed
	}
	g, err := loop.New(loop.Options{
		Kernel: srv.kernel, NewPoller: srv.newPoller, MaxConns: srv.maxConns(),
		Log: srv.logf, Paused: srv.acceptingPauses, Drop: dropWork,
	})
	srv.group = g
	return g, err
}

func (srv *Server) serveLoop(l *Listener, config *tls.Config) error {
	defer l.Close()
	g, err := srv.loops()
	if err != nil {
		return err
	}
	from := &source{l, srv.baseContext(l)}
	// The lock keeps the descriptor from being closed, and given to somebody
	// else, before it is registered.
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return net.ErrClosed
	}
	ln, err := g.Listen(l.fd, func(fd socket.FD, peer socket.Addr) {
		c := newLoopConn(srv, from, peer, fd)
		if err := srv.start(g, c, fd, config); err != nil {
			srv.report(slog.LevelError, "a connection could not be served", "genkan: a connection from %v could not be served: %v",
				slog.String("peer", peer.String()), slog.Any("error", err))
			srv.kernel.Close(fd)
		}
	})
	l.mu.Unlock()
	switch {
	case errors.Is(err, loop.ErrStopped):
		return http.ErrServerClosed
	case err != nil:
		return err
	}
	stopped := make(chan struct{})
	l.onClose(func() {
		ln.Stop()
		close(stopped)
	})
	if !srv.track(l, func() { l.Close() }) {
		return http.ErrServerClosed
	}
	defer srv.untrack(l)
	<-stopped
	if !srv.shutting.Load() {
		return net.ErrClosed // l was closed by its owner
	}
	return http.ErrServerClosed
}

// start puts a new connection on a loop. It begins on a goroutine of its own
// if it begins with something that may wait.
func (srv *Server) start(g *loop.Group, c *conn, fd socket.FD, config *tls.Config) error {
	if config == nil && srv.ConnState == nil && srv.ConnContext == nil {
		return g.Add(&c.Conn, fd, c, c.headDeadline)
	}
	return g.Start(&c.Conn, fd, c, func(r *loop.Runner) loop.Ending { return c.begin(r, config) })
}

// serveDirect is Serve where there is no loop: the same connection code, over
// net.Conn, with a goroutine for each.
func (srv *Server) serveDirect(l net.Listener, config *tls.Config) error {
	stop := sync.OnceFunc(func() { l.Close() })
	defer stop()
	if !srv.track(l, stop) {
		return http.ErrServerClosed
	}
	defer srv.untrack(l)
	from := &source{l, srv.baseContext(l)}
	var told time.Time
	for {
		nc, err := l.Accept()
		if err == nil {
			srv.admit(newDirectConn(srv, from, nc, config))
			continue
		}
		if srv.shutting.Load() {
			return http.ErrServerClosed
		}
		if !passes(err) {
			return err
		}
		if now := time.Now(); now.Sub(told) >= loop.PauseToldEvery {
			told = now
			srv.acceptingPauses(err, loop.PauseFor)
		}
		time.Sleep(loop.PauseFor)
	}
}

// passes reports whether a failed Accept is worth another: what package net
// calls temporary, which is that the process or the system has no descriptors
// just now; and what it does not, a lack of memory, or that who was first in the
// queue has gone (accept(2)).
func passes(err error) bool {
	var temporary interface{ Temporary() bool }
	return errors.As(err, &temporary) && temporary.Temporary() ||
		errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ECONNABORTED)
}

// acceptingPauses reports that nothing is accepted for a while, or (0) until a
// connection closes.
func (srv *Server) acceptingPauses(why error, d time.Duration) {
	if d == 0 {
		srv.report(slog.LevelWarn, "accepting pauses", "genkan: %v: accepting pauses until one closes", slog.Any("error", why))
		return
	}
	srv.report(slog.LevelWarn, "accepting pauses", "genkan: %v: accepting pauses for %v at a time, the connections that are open go on",
		slog.Any("error", why), slog.Duration("pause", d))
}

func (srv *Server) baseContext(l net.Listener) context.Context {
	if srv.BaseContext == nil {
		return context.Background()
	}
	ctx := srv.BaseContext(l)
	if ctx == nil {
		panic("genkan: BaseContext returned a nil context")
	}
	return ctx
}

// answer runs the handler.
func (srv *Server) answer(w http.ResponseWriter, r *http.Request) {
	h := srv.Handler
	if h == nil {
		h = http.DefaultServeMux
	}
	if r.RequestURI == "*" && r.Method == http.MethodOptions && !srv.DisableGeneralOptionsHandler {
		h = http.HandlerFunc(generalOptions)
	}
	h.ServeHTTP(w, r)
}

// generalOptions answers "OPTIONS *", which asks about the server as a whole
// (RFC 9110 9.3.7).
func generalOptions(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "0")
	io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 4<<10))
}

// asHTTP is an http.Server with the fields of this one, for handlers that look
// for one in their context.
func (srv *Server) asHTTP() *http.Server {
	return &http.Server{
		Addr: srv.Addr, Handler: srv.Handler, TLSConfig: srv.TLSConfig, Protocols: srv.Protocols, HTTP2: srv.HTTP2,
		DisableGeneralOptionsHandler: srv.DisableGeneralOptionsHandler,
		ReadTimeout:                  srv.ReadTimeout, ReadHeaderTimeout: srv.ReadHeaderTimeout, WriteTimeout: srv.WriteTimeout,
		IdleTimeout: srv.IdleTimeout, MaxHeaderBytes: srv.MaxHeaderBytes, ErrorLog: srv.errorLog(),
		ConnState: srv.ConnState, BaseContext: srv.BaseContext, ConnContext: srv.ConnContext,
	}
}
