package genkan

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
)

// ListenAndServeTLS is ListenAndServe with TLS; an empty Addr means ":https".
func (srv *Server) ListenAndServeTLS(certFile, keyFile string) error {
	if srv.shutting.Load() {
		return http.ErrServerClosed
	}
	addr := srv.Addr
	if addr == "" {
		addr = ":https"
	}
	e, err := resolve(addr)
	if err != nil {
		return err
	}
	ln, err := srv.Listen(e)
	if err != nil {
		return err
	}
	defer ln.Close()
	return srv.ServeTLS(ln, certFile, keyFile)
}

// ServeTLS is Serve with TLS. The certificate and its key are read from files
// in PEM, unless TLSConfig has certificates or a way to get them; then the
// names may be empty. HTTP/2 is offered by ALPN, unless Protocols forbids it.
func (srv *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	srv.begin()
	config, err := srv.tlsConfig(certFile, keyFile)
	if err != nil {
		l.Close()
		return err
	}
	if own, ok := l.(*Listener); ok && own.fd >= 0 {
		return srv.serveLoop(own, config)
	}
	return srv.serveDirect(l, config)
}

// tlsConfig is the server's own copy of TLSConfig, completed.
func (srv *Server) tlsConfig(certFile, keyFile string) (*tls.Config, error) {
	config := srv.TLSConfig.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	protocols := srv.protocols()
	offer := func(name string, want bool) {
		config.NextProtos = slices.DeleteFunc(config.NextProtos, func(s string) bool { return s == name && !want })
		if want && !slices.Contains(config.NextProtos, name) {
			config.NextProtos = append(config.NextProtos, name)
		}
	}
	offer("h2", protocols.HTTP2())
	offer("http/1.1", protocols.HTTP1())
	if len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil {
		if certFile == "" && keyFile == "" {
			return config, nil
		}
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate %q with key %q: %w", certFile, keyFile, err)
	}
	config.Certificates = []tls.Certificate{cert}
	return config, nil
}

// shakeHands makes the handshake. False: it failed, and the connection is
// closed, or lingers as the Ending says.
func (c *conn) shakeHands(tc *tls.Conn, handshake func(context.Context, time.Time) error) (loop.Ending, bool) {
	err := c.trying(handshake)
	if err == nil {
		state := tc.ConnectionState()
		c.secure = &state
		c.begins(loop.InstantOf(time.Now()), c.srv.headTime())
		return loop.Ending{}, true
	}
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader[:]) {
		c.srv.report(slog.LevelInfo, "a client speaks HTTP, not TLS",
			"genkan: TLS handshake with %v: the client speaks HTTP, not TLS", slog.String("peer", c.remoteAddr()))
		return c.answerPlain(plain.Conn, plain.RecordHeader[:]), false
	}
	reason := http1.HandshakeFailed
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		reason = http1.HandshakeTimeout
	case errors.Is(err, loop.ErrKilled), errors.Is(err, net.ErrClosed):
		return c.close(http1.ServerClosed), false
	case isReset(err):
		return c.close(reason), false // scanners do it all day
	}
	c.srv.report(slog.LevelInfo, "a TLS handshake failed", "genkan: TLS handshake with %v: %v",
		slog.String("peer", c.remoteAddr()), slog.Any("error", err))
	return c.close(reason), false
}

// trying makes the handshake, and an error of a panic in one of the program's
// callbacks (tls.Config.GetCertificate and others): one client must not be able
// to end the program.
func (c *conn) trying(handshake func(context.Context, time.Time) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := make([]byte, 64<<10)
			err = fmt.Errorf("panic: %v\n%s", v, stack[:runtime.Stack(stack, false)])
		}
	}()
	ctx := context.WithValue(c.base, http.ServerContextKey, c.srv.standIn)
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, c.localAddr())
	return handshake(ctx, after(time.Now(), handshakeTimeout))
}

// answerPlain tells a client that speaks HTTP where TLS is spoken, over nc, the
// connection below TLS. The rest of its request may be under way, so the
// connection lingers as after any answer that ends one. Of the head no more is
// known than its first bytes: crypto/tls has the others, and so whether a
// browser sent them is not known either.
func (c *conn) answerPlain(nc net.Conn, begin []byte) loop.Ending {
	w := works.Get().(*work)
	defer dropWork(w)
	w.serves(c.srv)
	c.answerBreach(w, &http1.Error{Status: ruleTLS.Status, Rule: ruleTLS,
		Reason: fmt.Sprintf("the connection begins with %q, not with a TLS handshake", begin)}, http1.HandshakeFailed)
	if t, ok := c.tr.(*tlsTransport); ok {
		c.tr = t.socketTransport
		return c.closeAfterAnswer(w, http1.HandshakeFailed, true)
	}
	nc.SetDeadline(time.Now().Add(lingerTimeout))
	if _, err := nc.Write(w.out); err == nil {
		if half, ok := nc.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			io.CopyN(io.Discard, nc, lingerMost)
		}
	}
	return c.close(http1.HandshakeFailed)
}

// breaksTLS sorts out errors of an established TLS connection that no system
// call has made: the peer broke a rule of TLS and was sent an alert that names
// it, or sent an alert itself.
func (c *conn) breaksTLS(err error) (http1.CloseReason, bool) {
	var alert *net.OpError
	var errno syscall.Errno
	switch {
	case c.secure == nil:
		return 0, false
	case errors.As(err, &alert) && alert.Op == "remote error", errors.Is(err, io.ErrUnexpectedEOF):
		return http1.PeerClosed, true
	}
	return http1.Refused, !errors.As(err, &errno)
}

// looksLikeHTTP: the five bytes that should have been a TLS record's header
// begin a request.
func looksLikeHTTP(header []byte) bool {
	switch string(header) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH":
		return true
	}
	return false
}
