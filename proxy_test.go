package genkan

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

const (
	headerV1 = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n"
	sign2    = "\r\n\r\n\x00\r\nQUIT\n"
	headerV2 = sign2 + "\x21\x11\x00\x0c\xcb\x00\x71\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb" // the same
	client   = "203.0.113.7:56324 to 192.0.2.1:443"
)

// relay is a stage below which a proxy speaks first. each: a byte at a time.
func relay(below stage, header string, each bool) stage {
	return stage{name: below.name, real: below.real, raise: func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		l, dial := below.raise(t, srv)
		return l, func() (net.Conn, error) {
			c, err := dial()
			if err != nil {
				return nil, err
			}
			step := len(header)
			if each {
				step = 1
			}
			for at := 0; at < len(header); at += step {
				if _, err := io.WriteString(c, header[at:at+step]); err != nil {
					return nil, err
				}
			}
			return c, nil
		}
	}}
}

// onEachPlain runs f on the stages without TLS: a header stands below it.
func onEachPlain(t *testing.T, f func(t *testing.T, s stage)) {
	onEach(t, func(t *testing.T, s stage) {
		if s.serve == nil {
			f(t, s)
		}
	})
}

// trustAll trusts all that a test's client may come from.
func trustAll(srv *Server) {
	srv.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	srv.TrustUnixProxies = true
}

// whoIs answers with the ends of the connection as the handler sees them, and
// as ConnContext saw them.
func whoIs(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s to %v", r.RemoteAddr, r.Context().Value(http.LocalAddrContextKey))
	if seen, ok := r.Context().Value(seenKey{}).(string); ok {
		fmt.Fprintf(w, "; %s", seen)
	}
}

type seenKey struct{}

func ends(c net.Conn) string { return fmt.Sprintf("%v to %v", c.RemoteAddr(), c.LocalAddr()) }

func seen(srv *Server) {
	srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, seenKey{}, ends(c))
	}
}

func (h *hall) whoIs() string {
	h.t.Helper()
	v := h.visit()
	defer v.Close()
	v.say("GET /" + get + "\r\n")
	_, body := v.answer("GET")
	v.say("GET /" + get + "\r\n")
	if _, again := v.answer("GET"); again != body {
		h.t.Errorf("the second request sees %q, the first %q: the header is the connection's", again, body)
	}
	return body
}

// TestProxyHeader: behind a trusted proxy everybody sees the client, on every
// transport, plain and under TLS, however the header comes.
func TestProxyHeader(t *testing.T) {
	for _, header := range []string{headerV1, headerV2} {
		for _, each := range []bool{false, true} {
			onEachPlain(t, func(t *testing.T, s stage) {
				s = relay(s, header, each)
				if got := serve(t, s, whoIs, trustAll).whoIs(); got != client {
					t.Errorf("plain: the handler sees %q, want %q", got, client)
				}
				if got := serve(t, s, whoIs, trustAll, seen).whoIs(); got != client+"; "+client {
					t.Errorf("with callbacks: seen is %q, want %q twice", got, client)
				}
				if got := serve(t, overTLS(s.name, s), whoIs, trustAll, seen).whoIs(); got != client+"; "+client {
					t.Errorf("TLS: seen is %q, want %q twice: the header comes before the handshake", got, client)
				}
			})
		}
	}
}

// TestProxyHeaderOfNobody: a proxy that speaks for itself is the client.
func TestProxyHeaderOfNobody(t *testing.T) {
	onEachPlain(t, func(t *testing.T, s stage) {
		want := serve(t, s, whoIs).whoIs()
		for _, header := range []string{"PROXY UNKNOWN\r\n", sign2 + "\x20\x00\x00\x00"} {
			got := serve(t, relay(s, header, false), whoIs, trustAll).whoIs()
			if peer(got) != peer(want) {
				t.Errorf("after %q the handler sees %q, want what it sees without a proxy, as %q", header, got, want)
			}
		}
	})
}

// peer is whom whoIs sees, without the port.
func peer(seen string) string {
	p, _, _ := strings.Cut(seen, " to ")
	host, _, _ := strings.Cut(p, ":")
	return host
}

// TestProxyHeaderUnix: a client that came to the proxy over a UNIX socket.
func TestProxyHeaderUnix(t *testing.T) {
	name := func(s string) string { return s + strings.Repeat("\x00", 108-len(s)) }
	header := sign2 + "\x21\x31\x00\xd8" + name("/run/client") + name("\x00proxy")
	onEachPlain(t, func(t *testing.T, s stage) {
		if got := serve(t, relay(s, header, false), whoIs, trustAll, seen).whoIs(); got != "/run/client to @proxy; /run/client to @proxy" {
			t.Errorf("seen is %q", got)
		}
	})
}

// TestProxyHeaderHTTP2: the engine that serves HTTP/2 is told as well.
func TestProxyHeaderHTTP2(t *testing.T) {
	below := []stage{stageDirect}
	if loop.Supported {
		below = append(below, stageTCP)
	}
	for _, s := range below {
		s = relay(s, headerV2, false)
		var dial func() (net.Conn, error)
		watched := stage{name: s.name, real: true, raise: func(t testing.TB, srv *Server) (l net.Listener, d func() (net.Conn, error)) {
			l, dial = s.raise(t, srv)
			return l, dial
		}}
		h := serve(t, watched, whoIs, trustAll, func(srv *Server) {
			srv.Protocols = new(http.Protocols)
			srv.Protocols.SetUnencryptedHTTP2(true)
		})
		tr := &http.Transport{Protocols: h.srv.Protocols, DialContext: func(context.Context, string, string) (net.Conn, error) { return dial() }}
		res, err := (&http.Client{Transport: tr}).Get("http://server.example/")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		tr.CloseIdleConnections()
		if string(body) != client || res.ProtoMajor != 2 {
			t.Errorf("%s: over HTTP/%d the handler sees %q, want %q", s.name, res.ProtoMajor, body, client)
		}
	}
}

// TestProxyHeaderHijacked: who takes the connection is still told the truth,
// and gets the bytes after the request.
func TestProxyHeaderHijacked(t *testing.T) {
	s := stageDirect
	if loop.Supported {
		s = stageTCP
	}
	for _, s := range []stage{stageDirect, s} {
		h := serve(t, relay(s, headerV1, false), func(w http.ResponseWriter, r *http.Request) {
			nc, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			b := make([]byte, 4)
			io.ReadFull(rw, b)
			fmt.Fprintf(nc, "%s %s", b, ends(nc))
			if under, ok := nc.(interface{ NetConn() net.Conn }); !ok || under.NetConn().RemoteAddr().String() == nc.RemoteAddr().String() {
				t.Errorf("%T has no NetConn that is the proxy's", nc)
			}
		}, trustAll)
		v := h.visit()
		v.say("GET /" + get + "\r\nping")
		if got := v.hear(-1); got != "ping "+client {
			t.Errorf("%s: the connection says %q, want %q", s.name, got, "ping "+client)
		}
	}
}

// TestProxyHeaderMissing: from a trusted address nothing else is taken, and
// nothing is answered; the log says who, and which rule.
func TestProxyHeaderMissing(t *testing.T) {
	for _, c := range []struct{ say, want, why string }{
		{"GET /" + get + "\r\n", `rule start`, "a request without a header"},
		{"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\nGET /" + get + "\r\n", `rule v1-port`, "a broken header"},
		{"\x16\x03\x01\x00\x05hello", `rule start`, "a handshake without a header"},
		{headerV1[:20], `rule whole`, "a header that ends"},
	} {
		onEachPlain(t, func(t *testing.T, s stage) {
			for _, setup := range []func(*Server){trustAll, func(srv *Server) { trustAll(srv); seen(srv) }} {
				var states []http.ConnState
				h := serve(t, s, at, setup, func(srv *Server) {
					if srv.ConnContext != nil {
						srv.ConnState = func(_ net.Conn, state http.ConnState) { states = append(states, state) }
					}
				})
				v := h.visit()
				v.say(c.say)
				v.halfClose()
				if got := v.hear(-1); got != "" {
					t.Errorf("%s was answered %q: who does not say whose connection it is gets no answer", c.why, got)
				}
				h.wantClosed(http1.ProxyHeaderRefused, c.why)
				if !strings.Contains(h.log.String(), c.want) || !strings.Contains(h.log.String(), "trusted proxy") {
					t.Errorf("%s: the log says %q, want %q in it", c.why, h.log, c.want)
				}
				if len(states) > 0 {
					t.Errorf("%s: ConnState was told %v of a connection that was nobody's", c.why, states)
				}
			}
		})
	}
}

// TestProxyLooksIn: a proxy that connects and goes, to see whether anybody
// listens, is no breach and not worth a line.
func TestProxyLooksIn(t *testing.T) {
	onEachPlain(t, func(t *testing.T, s stage) {
		h := serve(t, s, at, trustAll)
		h.visit().Close()
		h.wantClosed(http1.PeerClosed, "nothing was sent")
		if got := h.log.String(); got != "" {
			t.Errorf("the log says %q", got)
		}
	})
}

// TestProxyHeaderUntrusted: from elsewhere a header is a bad request.
func TestProxyHeaderUntrusted(t *testing.T) {
	elsewhere := func(srv *Server) { srv.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), {}} }
	onEachPlain(t, func(t *testing.T, s stage) {
		h := serve(t, s, at, elsewhere)
		for _, header := range []string{headerV1, headerV2} {
			v := h.visit()
			v.say(header + "GET /hello" + get + "\r\n")
			if got := v.hear(-1); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
				t.Errorf("%q was answered %q, want 400: anybody can write a header", header, got)
			}
		}
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		if res, _ := v.answer("GET"); res.StatusCode != 200 {
			t.Errorf("without a header: %s, want 200", res.Status)
		}
	})
	h := serve(t, relay(stageDirect, headerV1+headerV1, false), at, trustAll)
	v := h.visit()
	v.say("GET /hello" + get + "\r\n")
	if got := v.hear(-1); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Errorf("a second header was answered %q, want 400: what follows the first is the client's", got)
	}
}

func TestTrusts(t *testing.T) {
	srv := &Server{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}}
	for _, c := range []struct {
		peer string
		want bool
		why  string
	}{
		{"10.1.2.3:1", true, ""},
		{"11.1.2.3:1", false, ""},
		{"[::ffff:10.1.2.3]:1", true, "an IPv4 peer of a dual-stack socket"},
		{"[fe80::1%eth0]:1", true, "the zone is ours, not the address's"},
		{"[2001:db8::1]:1", false, ""},
	} {
		if got := srv.trusts(socket.TCP(netip.MustParseAddrPort(c.peer))); got != c.want {
			t.Errorf("trusts(%s) = %v; %s", c.peer, got, c.why)
		}
	}
	if srv.trusts(socket.Unix("/run/proxy")) || srv.trusts(socket.Addr{}) {
		t.Error("UNIX peers, and those without an address, are trusted although nobody said so")
	}
}

// TestProxyHeaderLate: 3 s from accept, then the connection is closed, without
// a word; the head has its own time, from accept as well.
func TestProxyHeaderLate(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields func(*Server)
		lead   func(*visitor)
		limit  time.Duration
		words  string
		closed http1.CloseReason
	}{
		{"nothing", nil, func(*visitor) {}, 3 * time.Second, "", http1.ProxyHeaderTimeout},
		{"a part", nil, func(v *visitor) { time.Sleep(time.Second); v.say(headerV1[:20]) }, 2 * time.Second, "", http1.ProxyHeaderTimeout},
		{"a part, with callbacks", seen, func(v *visitor) { time.Sleep(time.Second); v.say(headerV2[:20]) }, 2 * time.Second, "", http1.ProxyHeaderTimeout},
		{"the header alone", nil, func(v *visitor) { time.Sleep(2 * time.Second); v.say(headerV1) }, 8 * time.Second, "", http1.HeadTimeout},
		{"the header alone, with callbacks", seen, func(v *visitor) { time.Sleep(2 * time.Second); v.say(headerV1) }, 8 * time.Second, "", http1.HeadTimeout},
		{"a part of the head", nil, func(v *visitor) { time.Sleep(2 * time.Second); v.say(headerV1 + "GET") }, 8 * time.Second,
			refusal("408 Request Timeout", "Content-Length: …"), http1.HeadTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachBubbled(t, func(t *testing.T, s stage) {
				if s.serve != nil {
					t.Skip("a header stands below TLS, and this client speaks above it")
				}
				s = fromLoopback(s)
				h := serve(t, s, at, trustAll, func(srv *Server) {
					if c.fields != nil {
						c.fields(srv)
					}
				})
				v := h.visit()
				synctest.Wait()
				c.lead(v)
				after, words := v.end()
				if after < c.limit || after > c.limit+slack {
					t.Errorf("ended after %v, want %v", after, c.limit)
				}
				compare(t, conversation{want: c.words}, words)
				h.wantClosed(c.closed, "")
			})
		})
	}
}

// fromLoopback gives the connections of a stage that has no addresses a peer
// that can be trusted.
func fromLoopback(s stage) stage {
	raise := s.raise
	s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		l, dial := raise(t, srv)
		if pipe, ok := l.(*pipeListener); ok {
			return &loopbackListener{pipe}, dial
		}
		return l, dial
	}
	return s
}

type loopbackListener struct{ net.Listener }

func (l *loopbackListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return loopbackConn{c}, err
}

type loopbackConn struct{ net.Conn }

func (loopbackConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:1"))
}

// TestProxyHeaderCostsNoGoroutine: a plain connection awaits its header at rest
// on the loop, whole or in part.
func TestProxyHeaderCostsNoGoroutine(t *testing.T) {
	h := serve(t, stageMemory, at, trustAll)
	before := strings.Count(stacks(), "\ngoroutine ")
	var all []*visitor
	for range 50 {
		v := h.visit()
		v.say(headerV1[:30])
		all = append(all, v)
	}
	until(t, "all rest", func() bool { return h.srv.Conns() == len(all) })
	if after := strings.Count(stacks(), "\ngoroutine "); after > before+10 {
		t.Errorf("%d goroutines before %d connections, %d after", before, len(all), after)
	}
	for _, v := range all {
		v.say(headerV1[30:] + "GET /hello" + get + "\r\n")
		if res, _ := v.answer("GET"); res.StatusCode != 200 {
			t.Errorf("%s, want 200", res.Status)
		}
	}
}

// TestProxyHeaderShown: who watches sees the header, where it stands, and the
// request after it.
func TestProxyHeaderShown(t *testing.T) {
	onEachPlain(t, func(t *testing.T, s stage) {
		h := serve(t, relay(s, headerV1, false), at, trustAll)
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		v.answer("GET")
		ctx, cancel := context.WithTimeout(context.Background(), h.patience)
		defer cancel()
		var parsed []trace.Event
		for len(parsed) < 2 {
			ev, _, err := h.events.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if ev.Verb == trace.Parse {
				parsed = append(parsed, ev)
			}
		}
		if p := parsed[0]; p.Note != strings.TrimSpace(headerV1) || p.Off != 0 || p.Len != len(headerV1) {
			t.Errorf("the header is shown as %q, %d bytes from %d", p.Note, p.Len, p.Off)
		}
		if p := parsed[1]; p.Note != "GET /hello HTTP/1.1" || p.Off != int64(len(headerV1)) {
			t.Errorf("the request is shown as %q, from %d", p.Note, p.Off)
		}
	})
}
