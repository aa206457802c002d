package genkan

import (
	"context"
	"crypto/tls"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// Server serves HTTP. The fields that http.Server has too mean the same here,
// but for the zero values of times and sizes: zero is a safe default, and a
// negative value turns a limit off. Fields are not changed after the first
// Listen or Serve.
type Server struct {
	// Addr is what ListenAndServe listens on, "host:port"; empty: ":http".
	Addr string

	// Handler answers; nil: http.DefaultServeMux. Nothing that it is given is
	// used again after it returns.
	Handler http.Handler

	// DisableGeneralOptionsHandler gives "OPTIONS *" to Handler; otherwise it
	// is answered with 200 and no body.
	DisableGeneralOptionsHandler bool

	// TLSConfig is used, as a copy, by ServeTLS and ListenAndServeTLS; nil: a
	// tls.Config of defaults.
	TLSConfig *tls.Config

	// ReadTimeout bounds a whole request, head and body, from its first byte
	// (for the first one of a connection, from accept). Zero or less: no such
	// bound; the phases have their own.
	ReadTimeout time.Duration

	// ReadHeaderTimeout bounds the head of a request. Zero: ReadTimeout if
	// that is set, else 10 s.
	ReadHeaderTimeout time.Duration

	// WriteTimeout bounds the time from the end of the head to the end of the
	// answer. Zero or less: no such bound; sending has its own (deadline.go).
	WriteTimeout time.Duration

	// IdleTimeout is how long a connection may rest between two requests.
	// Zero: ReadTimeout if that is set, else 75 s.
	IdleTimeout time.Duration

	// MaxHeaderBytes bounds the head of a request, request line and fields.
	// Zero: 32 KiB; at most 1 MiB.
	MaxHeaderBytes int

	// MaxConns bounds the connections open at once on the loop; those of a
	// net.Listener of somebody else's, and those that were hijacked or speak
	// HTTP/2, are not counted. At the bound accepting
	// pauses; the queue of the kernel holds those that come meanwhile. Zero:
	// 80 % of RLIMIT_NOFILE.
	MaxConns int

	// ConnState, if not nil, is called when a connection changes its state, as
	// http.Server calls it. On a loop it is given a net.Conn that can be closed
	// and says who is at its ends, but cannot be read or written.
	ConnState func(net.Conn, http.ConnState)

	// ConnContext, if not nil, returns the context from which the requests of
	// a new connection come, made of the listener's. The net.Conn is as for
	// ConnState.
	ConnContext func(ctx context.Context, c net.Conn) context.Context

	// Protocols is which protocols are spoken; nil: HTTP/1.1, and HTTP/2 over
	// TLS. With UnencryptedHTTP2 a connection without TLS may begin with the
	// preface of HTTP/2.
	Protocols *http.Protocols

	// HTTP2 configures HTTP/2; nil: 100 streams a connection.
	HTTP2 *http.HTTP2Config

	// ErrorLog is told of panics in handlers and of trouble below; nil: the
	// log package's standard logger.
	ErrorLog *log.Logger

	// Logger, if not nil, is told of it instead of ErrorLog, as records with
	// attributes (peer, error, panic, stack, …) and levels: Error for panics
	// and faults of ours, Warn for handlers and proxies that break a rule and
	// when accepting pauses, Info for what a peer did wrong.
	Logger *slog.Logger

	// TrustedProxies are the addresses of proxies that relay connections and
	// say whose they are, by the PROXY protocol (package proxyproto). A
	// connection from one of them must begin with its header, of version 1 or
	// 2, before TLS, within 3 s; else it is closed without an answer. From then
	// on the client's addresses are the connection's: as RemoteAddr, as
	// http.LocalAddrContextKey, in ConnState and ConnContext. A connection from
	// anywhere else is served as it is, and a header on it is a bad request.
	// Whoever can send from these addresses can claim any address. A net.Conn
	// that a listener hands over with TLS on it already keeps its own
	// addresses: what came before its handshake cannot be seen.
	TrustedProxies []netip.Prefix

	// TrustUnixProxies makes the peers of UNIX sockets trusted proxies, all of
	// them: they have no address to tell them apart by. Who may connect is for
	// the path's folder and mode to say.
	TrustUnixProxies bool

	// OnRefused, if not nil, is told of each request that breaks a rule of
	// HTTP/1.1, or one of a handler's that calls Refuse, before it is answered,
	// and may choose the answer's body. It runs on the connection's goroutine,
	// may block, and may be called by several at once. Refused has a count for
	// each rule.
	OnRefused func(*Refusal)

	// BaseContext returns the context from which those of a listener's
	// requests come; nil: context.Background.
	BaseContext func(net.Listener) context.Context

	// Watch is who watches; nil: nobody, which costs one comparison per step.
	// A watcher loses events rather than slow the server.
	Watch trace.Watcher

	// Kernel is asked for sockets; nil: socket.OS.
	Kernel socket.Kernel

	newPoller func() (loop.Poller, error) // what goes with Kernel, in tests
	wire      *http1.Limits               // other limits than limits.go has, in tests

	noKeepAlive atomic.Bool
	waiting     atomic.Int64 // connections that wait for room to send
	deciding    atomic.Int64 // connections in a TLS handshake: HTTP/2 may come of it
	hijackers   atomic.Int64 // handlers that have taken their connection and not returned
	http2       http2
	standIn     *http.Server // what handlers find as http.ServerContextKey
	refusals    refusals
	odd         bool        // Protocols is not the usual
	shutting    atomic.Bool // Shutdown or Close was called
	clock       dateCache
	began       sync.Once
	kernel      socket.Kernel // Kernel, watched or not
	tap         *trace.Tap    // nil: not watched
	ring        *trace.Ring   // nil: not watched

	mu         sync.Mutex
	group      *loop.Group // nil before the first Serve on a loop
	listeners  map[net.Listener]func()
	direct     map[*conn]struct{} // connections on a goroutine of their own
	onShutdown []func()
	numbers    atomic.Uint64 // of direct connections, when nobody watches
}

// begin settles what depends on the fields, once.
func (srv *Server) begin() {
	srv.began.Do(func() {
		srv.kernel = srv.Kernel
		if srv.kernel == nil {
			srv.kernel = socket.OS
		}
		if srv.Watch != nil {
			srv.ring = srv.Watch.Ring()
			srv.tap = trace.NewTap(srv.kernel, srv.ring.Emit, srv.ring.WantBytes())
			srv.kernel = srv.tap
		}
		srv.standIn = srv.asHTTP()
		srv.refusals.begin()
		p := srv.protocols()
		srv.odd = p.UnencryptedHTTP2() || !p.HTTP1()
		srv.listeners = map[net.Listener]func(){}
		srv.direct = map[*conn]struct{}{}
	})
}

// ListenAndServe listens on Addr, host:port, with TCP, and serves until
// Shutdown or Close: then it returns http.ErrServerClosed. An empty Addr means
// ":http"; an empty host every address of the machine, IPv6 and IPv4.
func (srv *Server) ListenAndServe() error {
	if srv.shutting.Load() {
		return http.ErrServerClosed
	}
	e, err := resolve(srv.Addr)
	if err != nil {
		return err
	}
	ln, err := srv.Listen(e)
	if err != nil {
		return err
	}
	return srv.Serve(ln)
}

// SetKeepAlivesEnabled says whether connections may serve more than one
// request; they may, by default. Turned off, those that rest are closed.
func (srv *Server) SetKeepAlivesEnabled(on bool) {
	srv.noKeepAlive.Store(!on)
	if !on {
		srv.begin()
		srv.closeIdle(http1.HandlerAskedClose)
	}
	if engine := srv.engine(); engine != nil {
		engine.SetKeepAlivesEnabled(on)
	}
}

func (srv *Server) keepAlives() bool { return !srv.noKeepAlive.Load() && !srv.shutting.Load() }
