package genkan

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// states notes what ConnState is told, by connection.
type states struct {
	mu    sync.Mutex
	order []net.Conn
	seen  map[net.Conn][]string
}

func (s *states) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[net.Conn][]string{}
	}
	if s.seen[c] == nil {
		s.order = append(s.order, c)
	}
	s.seen[c] = append(s.seen[c], state.String())
}

// last is the sequence of the connection that came last.
func (s *states) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) == 0 {
		return ""
	}
	return strings.Join(s.seen[s.order[len(s.order)-1]], " ")
}

func ended(sequence string) bool {
	return strings.HasSuffix(sequence, "closed") || strings.HasSuffix(sequence, "hijacked")
}

// TestConnState: the same traffic, the same sequence of states as http.Server
// gives, on one and the same net.Conn throughout.
func TestConnState(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hijack":
			nc, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			nc.Close()
		case "/abort":
			panic(http.ErrAbortHandler)
		default:
			io.Copy(w, r.Body)
		}
	}
	for _, c := range []struct{ name, send string }{
		{"nothing", ""},
		{"one", "GET /" + get + "\r\n"},
		{"one, close", "GET /" + get + "Connection: close\r\n\r\n"},
		{"two", "GET /" + get + "\r\nGET /" + get + "\r\n"},
		{"with a body", "POST /" + get + "Content-Length: 3\r\n\r\nabc"},
		{"malformed", "nonsense\r\n\r\n"},
		{"aborted", "GET /abort" + get + "\r\n"},
		{"hijacked", "GET /hijack" + get + "\r\n"},
		{"hijacked behind a good one", "GET /" + get + "\r\nGET /hijack" + get + "\r\n"},
		{"half a head", "GET / HTTP/1.1\r\nHo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			talk := func(conn net.Conn, s *states) string {
				v := &visitor{t: t, Conn: conn}
				defer v.Close()
				v.say(c.send)
				if tc, ok := conn.(*tls.Conn); ok {
					tc.CloseWrite()
					conn = tc.NetConn()
				}
				conn.(interface{ CloseWrite() error }).CloseWrite() // an error if the server was first
				conn = v.Conn
				io.Copy(io.Discard, conn)
				until(t, "the connection has ended", func() bool { return ended(s.last()) })
				return s.last()
			}
			var standard states
			theirs := httptest.NewUnstartedServer(http.HandlerFunc(handler))
			theirs.Config.ErrorLog = log.New(io.Discard, "", 0)
			theirs.Config.ConnState = standard.note
			theirs.Start()
			defer theirs.Close()
			conn, err := net.Dial("tcp", theirs.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			want := talk(conn, &standard)
			for _, s := range stages() {
				if !s.real {
					continue // its connections cannot be taken
				}
				t.Run(s.name, func(t *testing.T) {
					var ours states
					h := serve(t, s, handler, func(srv *Server) { srv.ConnState = ours.note })
					if got := talk(h.visit().Conn, &ours); got != want {
						t.Errorf("ConnState was told %q, by http.Server %q", got, want)
					}
				})
			}
		})
	}
}

// TestConnStateOfHTTP2: the same sequence over HTTP/2, with and without TLS.
func TestConnStateOfHTTP2(t *testing.T) {
	for _, s := range stagesOf2() {
		t.Run(s.name, func(t *testing.T) {
			var ours states
			h := serve(t, s, at, func(srv *Server) { srv.ConnState = ours.note })
			client, closeIdle := h.client2()
			for range 2 {
				if res, got := fetch(t, client, "GET", h.url("/hello"), nil); got != "hello\n" || res.ProtoMajor != 2 {
					t.Errorf("%s %q", res.Proto, got)
				}
			}
			closeIdle()
			until(t, "the connection has ended", func() bool { return ended(ours.last()) })
			// The engine may tell Idle and Active once more than once: its frames
			// decide. It begins and ends as http.Server says.
			got := ours.last()
			if !strings.HasPrefix(got, "new active idle active") || !strings.HasSuffix(got, "idle closed") {
				t.Errorf("ConnState was told %q", got)
			}
			ours.mu.Lock()
			defer ours.mu.Unlock()
			if len(ours.order) != 1 {
				t.Errorf("one connection was told of as %d: a map by net.Conn would not find it again", len(ours.order))
			}
		})
	}
}

// TestContextsOfConnections: what BaseContext and ConnContext put in arrives
// in each request, on HTTP/2 too, with the keys that net/http promises.
func TestContextsOfConnections(t *testing.T) {
	type key string
	for _, s := range append(stages(), stagesOf2()...) {
		t.Run(s.name, func(t *testing.T) {
			var told net.Conn
			var srv *Server
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				ctx := r.Context()
				local, _ := ctx.Value(http.LocalAddrContextKey).(net.Addr)
				if local == nil || local.String() != told.LocalAddr().String() {
					t.Errorf("the local address is %v, and %v as ConnContext saw it", local, told.LocalAddr())
				}
				if r.RemoteAddr != told.RemoteAddr().String() && r.RemoteAddr != "@" {
					t.Errorf("the remote address is %q, and %v as ConnContext saw it", r.RemoteAddr, told.RemoteAddr())
				}
				standIn, _ := ctx.Value(http.ServerContextKey).(*http.Server)
				if standIn == nil || standIn.MaxHeaderBytes != 12345 {
					t.Errorf("http.ServerContextKey gives %v, want a *http.Server with the fields of this one", standIn)
				}
				if ctx.Value(ServerContextKey) != srv {
					t.Errorf("ServerContextKey gives %v", ctx.Value(ServerContextKey))
				}
				fmt.Fprint(w, ctx.Value(key("base")), " ", ctx.Value(key("conn")))
			}, func(s *Server) {
				srv = s
				s.MaxHeaderBytes = 12345
				s.BaseContext = func(l net.Listener) context.Context {
					return context.WithValue(context.Background(), key("base"), "b")
				}
				s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
					told = c
					if ctx.Value(http.ServerContextKey) == nil || ctx.Value(ServerContextKey) != srv {
						t.Error("ConnContext's context does not know the server")
					}
					return context.WithValue(ctx, key("conn"), ctx.Value(key("base")).(string)+"c")
				}
			})
			if slices.ContainsFunc(stagesOf2(), func(two stage) bool { return two.name == s.name }) {
				client, _ := h.client2()
				if _, got := fetch(t, client, "GET", h.url("/"), nil); got != "b bc" {
					t.Errorf("the values are %q", got)
				}
				return
			}
			v := h.visit()
			for range 2 {
				v.say("GET /" + get + "\r\n")
				if _, got := v.answer("GET"); got != "b bc" {
					t.Errorf("the values are %q", got)
				}
			}
		})
	}
}

// TestViewCloses: the program may close what ConnState or ConnContext gave it,
// whatever the connection does; on a loop it may not read it.
func TestViewCloses(t *testing.T) {
	for _, path := range []string{"", "GET /hello" + get + "\r\n", "GET /wait" + get + "\r\n"} {
		onEach(t, func(t *testing.T, s stage) {
			given, waiting := make(chan net.Conn, 1), make(chan bool, 1)
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				waiting <- true
				if r.URL.Path == "/wait" {
					io.Copy(io.Discard, r.Body)
					<-r.Context().Done()
				}
			}, func(srv *Server) {
				srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context { given <- c; return ctx }
			})
			v := h.visit()
			c := <-given
			v.say(path)
			if path != "" {
				<-waiting
			}
			if view, ok := c.(*connView); ok {
				if _, err := view.Read(make([]byte, 1)); err != errView {
					t.Errorf("reading gives %v, want an error that says what to do", err)
				}
			}
			c.Close()
			v.hear(-1)
			until(t, "the connection has gone", func() bool { return h.srv.Conns() == 0 })
		})
	}
}

// TestRegisterOnShutdown: each is called once, on a goroutine of its own, by
// Shutdown and not by Close.
func TestRegisterOnShutdown(t *testing.T) {
	called := make(chan int, 8)
	srv := &Server{}
	for i := range 2 {
		srv.RegisterOnShutdown(func() { called <- i })
	}
	srv.Shutdown(context.Background())
	if a, b := <-called, <-called; a+b != 1 {
		t.Errorf("%d and %d were called, want each once", a, b)
	}
	srv.Shutdown(context.Background())
	other := &Server{}
	other.RegisterOnShutdown(func() { called <- 9 })
	other.Close()
	select {
	case i := <-called:
		t.Errorf("%d was called again, or by Close", i)
	case <-time.After(10 * time.Millisecond):
	}
}

// TestSetKeepAlivesEnabled: off, each answer ends its connection and those that
// rest are closed; on again, as before.
func TestSetKeepAlivesEnabled(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		rests := h.visit()
		rests.say("GET /hello" + get + "\r\n")
		rests.hear(wireLength(hello))
		until(t, "it rests", func() bool { h.srv.SetKeepAlivesEnabled(false); return h.srv.Conns() == 0 })
		if got := rests.hear(-1); got != "" {
			t.Errorf("a connection at rest got %q", got)
		}
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		if res, _ := v.answer("GET"); !res.Close {
			t.Error("the answer does not say that it is the last")
		}
		h.srv.SetKeepAlivesEnabled(true)
		v = h.visit()
		for range 2 {
			v.say("GET /hello" + get + "\r\n")
			if res, _ := v.answer("GET"); res.Close {
				t.Error("turned on again, the answer says that it is the last")
			}
		}
	})
}

// TestOptionsAsterisk: answered by the server, as net/http does, or by the
// handler if so wished; over TLS and HTTP/2 too.
func TestOptionsAsterisk(t *testing.T) {
	for _, own := range []bool{false, true} {
		onEach(t, func(t *testing.T, s stage) {
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "handler: %s", r.RequestURI)
			}, func(srv *Server) { srv.DisableGeneralOptionsHandler = own })
			v := h.visit()
			v.say("OPTIONS *" + get + "\r\n")
			want := ""
			if own {
				want = "handler: *"
			}
			if res, got := v.answer("OPTIONS"); got != want || res.StatusCode != 200 {
				t.Errorf("%s %q, want %q", res.Status, got, want)
			}
		})
	}
}

// TestTLSOfWrappers: a net.Conn that says how it is secured is believed, as
// http.Server does.
func TestTLSOfWrappers(t *testing.T) {
	s := stage{name: "wrapped", raise: func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		l, dial := raiseDirect(t, srv)
		return secureListener{l}, dial
	}}
	h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS != nil && r.TLS.ServerName == "elsewhere")
	})
	v := h.visit()
	v.say("GET /" + get + "\r\n")
	if _, got := v.answer("GET"); got != "true" {
		t.Errorf("r.TLS is not what the connection says: %q", got)
	}
}

type secureListener struct{ net.Listener }

func (l secureListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return secureConn{c}, err
}

type secureConn struct{ net.Conn }

func (secureConn) ConnectionState() tls.ConnectionState {
	return tls.ConnectionState{ServerName: "elsewhere", HandshakeComplete: true}
}
