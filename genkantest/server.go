// Package genkantest is for tests of handlers on a real genkan.Server, as
// package httptest is for http.Server: a test moves by changing one word.
//
//	ts := genkantest.NewServer(handler)
//	defer ts.Close()
//	res, err := ts.Client().Get(ts.URL)
//
// With TLS it is NewTLSServer; the rest stays the same.
//
// The server listens on the loopback interface, on a port that the kernel has
// chosen. Close waits for the requests that are being answered, and says which
// ones they are when that takes long.
package genkantest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
)

// Server is a genkan.Server that listens and, once started, serves.
type Server struct {
	// URL is where it serves, "http://address:port" or "https://address:port",
	// without a slash at the end. Empty before Start.
	URL string

	// Listener is where it listens. It may be replaced before Start, after
	// closing the one that NewUnstartedServer has made: by one of
	// Config.Listen's to see that socket's own calls through Config.Watch, or
	// where Config.Kernel is set; by a net.Listener of package net's to be
	// served without a loop.
	Listener net.Listener

	// Config is the server. It may be changed before Start; Start wraps its
	// Handler, to know what is being answered, and its ConnState, to know the
	// connections.
	Config *genkan.Server

	// EnableHTTP2 has StartTLS offer HTTP/2, and Client speak it. It is set
	// before StartTLS, and means nothing to Start.
	EnableHTTP2 bool

	// TLS may be set before StartTLS, which uses a copy, and leaves here what
	// it has made of it. If it is nil, Config.TLSConfig is taken.
	TLS *tls.Config

	certificate *x509.Certificate // nil: without TLS
	client      *http.Client
	connections connections
	desk        *desk
	served      chan struct{} // closed once Serve has returned
	closed      sync.Once
}

// NewServer starts a server with this handler; nil is http.DefaultServeMux.
// Close ends it. It panics if it cannot listen, because a test that cannot has
// nothing to go on with.
func NewServer(handler http.Handler) *Server {
	s := NewUnstartedServer(handler)
	s.Start()
	return s
}

// NewUnstartedServer is NewServer without the start: its Config and Listener
// may be changed before Start or StartTLS. It listens already, and panics if it cannot.
func NewUnstartedServer(handler http.Handler) *Server {
	return &Server{Listener: listen(), Config: &genkan.Server{Handler: handler}}
}

// listen opens a socket on the loopback interface, IPv4's or else IPv6's.
//
// A server of its own opens it: what a server is asked for settles which
// Kernel it uses and who watches, and the test may still change those.
func listen() net.Listener {
	var failed error
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		e, err := socket.ParseEndpoint(address)
		if err != nil {
			panic("genkantest: " + err.Error())
		}
		l, err := new(genkan.Server).Listen(e)
		if err == nil {
			return l
		}
		failed = errors.Join(failed, err)
	}
	panic(fmt.Sprintf("genkantest: no port on the loopback interface: %v", failed))
}

// Start begins to serve. It panics when the server has been started already.
func (s *Server) Start() {
	s.refuseSecond("Start")
	s.client = newClient(s.Listener.Addr(), "80")
	s.start("http", func() error { return s.Config.Serve(s.Listener) })
}

// refuseSecond panics if the server has been started before.
func (s *Server) refuseSecond(method string) {
	if s.URL != "" {
		panic("genkantest: " + method + ": the server has been started already; use a new one")
	}
}

// start has serve called on a goroutine of its own.
func (s *Server) start(scheme string, serve func() error) {
	s.URL = scheme + "://" + s.Listener.Addr().String()
	s.desk = &desk{handler: s.Config.Handler, visits: map[*visit]struct{}{}}
	s.Config.Handler = s.desk
	s.Config.ConnState = s.connections.listening(s.Config.ConnState)
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		err := serve()
		// A listener that the test has closed is the test's business.
		if !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			say("Serve on %s: %v", s.Listener.Addr(), err)
		}
	}()
}
