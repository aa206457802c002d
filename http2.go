package genkan

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// HTTP/2 is served by the standard library's engine, in process: an
// http.Server that listens nowhere, and is handed the connections that have
// agreed on HTTP/2 (by ALPN, or, without TLS, by beginning with its preface).
// From then on they are that engine's, with goroutines of its own.
type http2 struct {
	once   sync.Once
	server *http.Server
	handed chan handed
	base   context.Context // of the connection accepted last; Serve's goroutine's
	closed chan struct{}
	close  func()

	configured func() // the engine is about to accept its first connection
}

// handed is a connection for the engine, and the context that its requests
// come from.
type handed struct {
	net.Conn
	base context.Context
}

// unencrypted is a connection that began with the preface of HTTP/2, which the
// engine reads again. view is what the program's callbacks know it as.
type unencrypted struct {
	readFirst
	view net.Conn
}

// protocols is which protocols are spoken: HTTP/1.1, and HTTP/2 over TLS,
// unless Protocols says otherwise.
func (srv *Server) protocols() (p http.Protocols) {
	if srv.Protocols != nil {
		return *srv.Protocols
	}
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	return p
}

// serveHTTP2 hands a connection over. It is the engine's, and its to close.
func (srv *Server) serveHTTP2(nc net.Conn, base context.Context) {
	h := &srv.http2
	h.once.Do(srv.startHTTP2)
	select {
	case h.handed <- handed{nc, base}:
	case <-h.closed:
		nc.Close()
	}
}

// startHTTP2 makes the engine.
func (srv *Server) startHTTP2() {
	h := &srv.http2
	h.handed, h.closed = make(chan handed), make(chan struct{})
	h.close = sync.OnceFunc(func() { close(h.closed) })
	var p http.Protocols
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	config := http.HTTP2Config{MaxConcurrentStreams: 100}
	if srv.HTTP2 != nil {
		config = *srv.HTTP2
	}
	header := srv.MaxHeaderBytes
	if header == 0 {
		header = 32 << 10
	}
	engine := &http.Server{
		Handler: http.HandlerFunc(srv.answer), Protocols: &p, HTTP2: &config,
		ReadTimeout: max(srv.ReadTimeout, 0), ReadHeaderTimeout: max(srv.headTime(), 0),
		WriteTimeout: max(srv.WriteTimeout, 0), IdleTimeout: max(srv.idleTime(), 0), MaxHeaderBytes: header,
		ErrorLog: srv.errorLog(), ConnContext: srv.http2Context,
	}
	if f := srv.ConnState; f != nil {
		engine.ConnState = func(nc net.Conn, s http.ConnState) {
			switch own := nc.(type) {
			case *unencrypted:
				nc = own.view
			case *watchedTLS2:
				nc = own.tls
			}
			if s != http.StateNew { // which it has been, before it was handed over
				f(nc, s)
			}
		}
	}
	engine.SetKeepAlivesEnabled(!srv.noKeepAlive.Load())
	srv.mu.Lock()
	h.server = engine
	h.configured = sync.OnceFunc(func() { srv.watch2(engine) })
	over := srv.shutting.Load()
	srv.mu.Unlock()
	if over {
		h.close()
		return
	}
	go engine.Serve(h)
}

// http2Context gives the requests of an HTTP/2 connection the context that
// those of HTTP/1.1 have. The engine calls it right after Accept.
func (srv *Server) http2Context(context.Context, net.Conn) context.Context {
	ctx := context.WithValue(srv.http2.base, http.ServerContextKey, srv.standIn)
	return context.WithValue(ctx, ServerContextKey, srv)
}

// Accept is how the engine is handed connections.
func (h *http2) Accept() (net.Conn, error) {
	h.configured()
	select {
	case next := <-h.handed:
		h.base = next.base
		return next.Conn, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (h *http2) Close() error {
	h.close()
	return nil
}

// Addr is nowhere: the connections come from the server's own listeners.
func (h *http2) Addr() net.Addr { return &net.UnixAddr{Name: "http2", Net: "unix"} }

// engine is the HTTP/2 server, if there has been a connection for it.
func (srv *Server) engine() *http.Server {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.http2.server
}

// leaveFor2 hands the connection to the HTTP/2 engine. early is what has been
// received and not used.
func (c *conn) leaveFor2(early []byte) loop.Ending {
	var received, sent int64
	watched := c.srv.ring != nil
	if watched {
		received, sent = c.tr.offsets()
		// Before detach closes the descriptor: what a trace says of it then is
		// not the connection's end.
		c.emit(trace.Event{Time: time.Now(), Verb: trace.Close, Note: http1.HandedToHTTP2.String()})
	}
	nc, late, err := c.detach()
	if err != nil {
		return c.fail(err, http1.KernelError)
	}
	base := c.base
	if watched && c.secure == nil {
		nc = newWatched2(c.watched(nc, received+int64(len(late)), sent))
	} else if watched {
		base = context.WithValue(base, watchedAs{}, c.number)
	}
	end := c.left(http1.HandedToHTTP2, nc)
	if c.secure == nil {
		nc = &unencrypted{readFirst{append(early, late...), nc}, c.view}
	}
	c.srv.serveHTTP2(nc, base)
	return end
}

// otherwise looks at how a connection begins where Protocols is not the usual:
// it may speak HTTP/2 without TLS, or not be allowed HTTP/1.1. wait: it is too
// early to say. ended: the connection has ended, as the Ending says.
func (c *conn) otherwise(w *work) (end loop.Ending, wait, ended bool) {
	p := c.srv.protocols()
	if p.UnencryptedHTTP2() && c.secure == nil {
		is, maybe := beginsHTTP2(w.unparsed())
		if is {
			early := append([]byte(nil), w.unparsed()...)
			w.forget()
			return c.leaveFor2(early), false, true
		}
		if maybe && !c.eof {
			return end, true, false
		}
	}
	if !p.HTTP1() {
		return c.close(http1.Refused), false, true
	}
	return end, false, false
}

// preface is how a client begins that speaks HTTP/2 without asking, RFC 9113 3.4.
var preface = []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

// beginsHTTP2 says whether b is the preface, or (maybe) the beginning of it.
func beginsHTTP2(b []byte) (is, maybe bool) {
	return bytes.HasPrefix(b, preface), len(b) < len(preface) && bytes.HasPrefix(preface, b)
}
