package genkan

import (
	"context"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
	"github.com/genkan-http/genkan/trace"
)

// A stage is one way in which a Server can be run. The same conversations are
// held on each of them, because a handler shall not be able to tell.
type stage struct {
	name string
	real bool // sockets of this machine's kernel

	// raise makes srv listen. It returns what to give to Serve, and how a
	// client comes in.
	raise func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error))

	// serve runs srv; nil: Server.Serve.
	serve func(srv *Server, l net.Listener) error
}

// run is Server.Serve, or what the stage has instead.
func (s stage) run(srv *Server, l net.Listener) error {
	if s.serve != nil {
		return s.serve(srv, l)
	}
	return srv.Serve(l)
}

var (
	stageTCP    = stage{"loop, TCP", true, raiseTCP, nil}
	stageUNIX   = stage{"loop, UNIX", true, raiseUNIX, nil}
	stageDirect = stage{"net.Listener", true, raiseDirect, nil}
	stageMemory = stage{"loop, kernel in memory", false, raiseMemory, nil}
	stagePipe   = stage{"net.Pipe", false, raisePipe, nil}
)

// stages are those on which a client can do all that a TCP client can.
func stages() []stage {
	all := []stage{stageDirect, stageMemory, stageTLSDirect}
	if loop.Supported {
		all = append(all, stageTCP, stageUNIX, stageTLS)
	}
	return all
}

// onEach runs f on each stage.
func onEach(t *testing.T, f func(t *testing.T, s stage)) {
	for _, s := range stages() {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

func raiseEndpoint(t testing.TB, srv *Server, e string) *Listener {
	t.Helper()
	endpoint, err := socket.ParseEndpoint(e)
	if err != nil {
		t.Fatal(err)
	}
	l, err := srv.Listen(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dialer(network, addr string) func() (net.Conn, error) {
	return func() (net.Conn, error) { return net.DialTimeout(network, addr, 5*time.Second) }
}

func raiseTCP(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
	l := raiseEndpoint(t, srv, "127.0.0.1:0")
	return l, dialer("tcp", l.Addr().String())
}

func raiseUNIX(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
	path := filepath.Join(t.TempDir(), "s")
	return raiseEndpoint(t, srv, "unix:"+path), dialer("unix", path)
}

func raiseDirect(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, dialer("tcp", l.Addr().String())
}

func raiseMemory(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
	k := sockettest.New()
	srv.Kernel = k
	srv.newPoller = func() (loop.Poller, error) { return &memoryPoller{Poller: k.NewPoller(), t: t}, nil }
	t.Cleanup(func() {
		if open := k.Open(); len(open) > 0 {
			t.Errorf("descriptors %v are open after the server's end", open)
		}
	})
	l := raiseEndpoint(t, srv, "127.0.0.1:0")
	return l, func() (net.Conn, error) {
		c, err := k.Dial(l.SocketAddr())
		return memoryConn{c}, err
	}
}

// memoryPoller is sockettest's poller as package loop has it. It also sees to
// it that one goroutine waits at a time: who waits holds the baton, and there is
// one.
type memoryPoller struct {
	*sockettest.Poller
	t       testing.TB
	waiting atomic.Int32
}

func (p *memoryPoller) Wait(ready []loop.Ready, block bool) (n int, waited bool, err error) {
	if p.waiting.Add(1) > 1 {
		p.t.Errorf("two goroutines wait in one poller: there are two batons")
	}
	defer p.waiting.Add(-1)
	found := make([]sockettest.Ready, len(ready))
	n, err = p.Poller.Wait(found, block)
	for i, r := range found[:n] {
		ready[i] = loop.Ready(r)
	}
	return n, true, err
}

// memoryConn is sockettest's client as package net has it.
type memoryConn struct{ *sockettest.Conn }

func (c memoryConn) LocalAddr() net.Addr  { return c.Conn.LocalAddr() }
func (c memoryConn) RemoteAddr() net.Addr { return c.Conn.RemoteAddr() }

func raisePipe(testing.TB, *Server) (net.Listener, func() (net.Conn, error)) {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	return l, func() (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case l.conns <- theirs:
			return ours, nil
		case <-l.closed:
			return nil, net.ErrClosed
		}
	}
}

type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// hall is a server that is being run for a test, with somebody who watches.
type hall struct {
	t      testing.TB
	srv    *Server
	dial   func() (net.Conn, error)
	served chan error
	events *trace.Reader
	log    *lines

	patience time.Duration // longer than any deadline, where time costs nothing
}

// serve runs a server with handler on a stage until the test's end, and sees
// to it that nothing of it is left then. setup may change fields of the Server.
func serve(t testing.TB, s stage, handler http.HandlerFunc, setup ...func(*Server)) *hall {
	t.Helper()
	clean(t)
	said := new(lines)
	ring := trace.NewRing(trace.Options{Events: 1 << 14})
	srv := &Server{Handler: handler, Watch: ring, ErrorLog: log.New(said, "", 0)}
	for _, f := range setup {
		f(srv)
	}
	l, dial := s.raise(t, srv)
	h := &hall{t: t, srv: srv, dial: dial, served: make(chan error, 1), events: ring.Reader(), log: said, patience: 10 * time.Second}
	if !s.real {
		h.patience = time.Hour
	}
	go func() { h.served <- s.run(srv, l) }()
	t.Cleanup(func() {
		srv.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown after Close: %v\n%s", err, stacks())
		}
		select {
		case err := <-h.served:
			if err != http.ErrServerClosed {
				t.Errorf("Serve returned %v, want http.ErrServerClosed, as http.Server does", err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("Serve has not returned after Close\n%s", stacks())
		}
	})
	return h
}

// closed waits for the end of the next connection and returns its reason.
func (h *hall) closed() string {
	h.t.Helper()
	return h.closing().Note
}

// closing is closed, with when it was.
func (h *hall) closing() trace.Event {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), h.patience)
	defer cancel()
	for {
		ev, _, err := h.events.Next(ctx)
		if err != nil {
			h.t.Fatalf("no connection was closed within %v\n%s", h.patience, stacks())
		}
		if ev.Verb == trace.Close && !ev.IsCall() {
			return ev
		}
	}
}

// wantClosed fails unless the next connection that ends does so for reason.
func (h *hall) wantClosed(reason http1.CloseReason, why string) {
	h.t.Helper()
	if got := h.closed(); got != reason.String() {
		h.t.Errorf("closed because %q, want %q: %s", got, reason, why)
	}
}

// lines keeps what is logged.
type lines struct {
	mu   sync.Mutex
	text []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// until polls for a condition that other goroutines bring about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s\n%s", what, stacks())
		}
	}
}

func withBase(ctx context.Context) func(*Server) {
	return func(srv *Server) { srv.BaseContext = func(net.Listener) context.Context { return ctx } }
}
