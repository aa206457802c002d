package genkan

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
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
	return srv.serveDirect(tls.NewListener(l, config))
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

// shakeHands makes the handshake. False: it failed, and the connection is closed.
func (c *conn) shakeHands(tc *tls.Conn, handshake func(deadline time.Time) error) (loop.Ending, bool) {
	err := handshake(after(time.Now(), handshakeTimeout))
	if err == nil {
		state := tc.ConnectionState()
		c.secure = &state
		c.requestBegan = time.Now()
		c.headDeadline = after(c.requestBegan, c.srv.headTime())
		return loop.Ending{}, true
	}
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader[:]) {
		err = errors.New("the client speaks HTTP, not TLS")
		text := "Client sent an HTTP request to an HTTPS server.\n"
		w := &work{srv: c.srv}
		c.answerError(w, http.StatusBadRequest, text)
		plain.Conn.Write(w.out)
	}
	if !isReset(err) {
		c.srv.logf("genkan: TLS handshake with %v: %v", c.remoteAddr(), err)
	}
	reason := http1.HandshakeFailed
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		reason = http1.HandshakeTimeout
	}
	return c.close(reason), false
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
