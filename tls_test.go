package genkan

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
)

// secured are the stages with TLS over sockets of this machine's kernel.
func secured() []stage {
	if loop.Supported {
		return []stage{stageTLS, stageTLSDirect}
	}
	return []stage{stageTLSDirect}
}

func onEachSecured(t *testing.T, f func(t *testing.T, s stage)) {
	for _, s := range secured() {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

// plainly comes in below TLS.
func (h *hall) plainly() net.Conn {
	h.t.Helper()
	c, err := net.Dial("tcp", h.at())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// at is where the hall's only listener listens.
func (h *hall) at() string {
	h.srv.begin()
	var addr string
	until(h.t, "the server serves", func() bool {
		h.srv.mu.Lock()
		defer h.srv.mu.Unlock()
		for l := range h.srv.listeners {
			addr = l.Addr().String()
		}
		return addr != ""
	})
	return addr
}

// secretly comes in with a configuration of its own.
func (h *hall) secretly(config *tls.Config) (*tls.Conn, error) {
	return dialTLS(dialer("tcp", h.at()), config)
}

// ask is one request over a TLS connection that speaks HTTP/1.1.
func (h *hall) ask(c net.Conn, path string) string {
	h.t.Helper()
	v := &visitor{t: h.t, Conn: c, in: bufio.NewReader(c)}
	v.say("GET " + path + get + "\r\n")
	_, body := v.answer("GET")
	return body
}

// TestTLSState: the handler sees how the connection is secured, whatever has
// been agreed on, as net/http shows it.
func TestTLSState(t *testing.T) {
	for _, c := range []struct {
		name     string
		client   func(*tls.Config)
		version  uint16
		protocol string
		why      string
	}{
		{"1.3", func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }, tls.VersionTLS13, "http/1.1", "the newest version both know"},
		{"1.2", func(c *tls.Config) { c.MaxVersion, c.NextProtos = tls.VersionTLS12, []string{"http/1.1"} }, tls.VersionTLS12, "http/1.1", "the client's limit"},
		{"no ALPN", func(c *tls.Config) {}, tls.VersionTLS13, "", "a client without ALPN speaks HTTP/1.1 (RFC 7301 3.2)"},
		{"http/1.0 besides", func(c *tls.Config) { c.NextProtos = []string{"http/1.0", "http/1.1"} }, tls.VersionTLS13, "http/1.1", "the server's choice among the client's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachSecured(t, func(t *testing.T, s stage) {
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					if r.TLS == nil || !r.TLS.HandshakeComplete || r.TLS.Version != c.version || r.TLS.NegotiatedProtocol != c.protocol || r.TLS.ServerName != "server.example" {
						t.Errorf("r.TLS is %+v: %s", r.TLS, c.why)
					}
					io.WriteString(w, "secret")
				})
				tc, err := h.secretly(trusting(c.client))
				if err != nil {
					t.Fatal(err)
				}
				defer tc.Close()
				if got := h.ask(tc, "/"); got != "secret" {
					t.Errorf("the answer is %q", got)
				}
			})
		})
	}
}

// TestTLSResumption: a second visit resumes the first one's session, also on
// 1.2, and the handler sees it.
func TestTLSResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		onEachSecured(t, func(t *testing.T, s stage) {
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				if r.TLS.DidResume {
					io.WriteString(w, "again")
				}
			})
			config := trusting(func(c *tls.Config) {
				c.MaxVersion, c.ClientSessionCache = version, tls.NewLRUClientSessionCache(2)
			})
			for _, want := range []string{"", "again"} {
				tc, err := h.secretly(config)
				if err != nil {
					t.Fatal(err)
				}
				if got := h.ask(tc, "/"); got != want { // and reading it the client gets its ticket
					t.Errorf("version %x: the handler said %q, want %q: the ticket is the server's own (RFC 8446 4.6.1)", version, got, want)
				}
				tc.Close()
			}
		})
	}
}

// TestClientCertificates: the handler sees who the client is; one that does
// not say who it is does not come in.
func TestClientCertificates(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
		}, func(srv *Server) {
			srv.TLSConfig = &tls.Config{
				Certificates: []tls.Certificate{identity().server},
				ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: identity().pool, Time: trusting().Time,
			}
		})
		tc, err := h.secretly(trusting(func(c *tls.Config) { c.Certificates = []tls.Certificate{identity().client} }))
		if err != nil {
			t.Fatal(err)
		}
		defer tc.Close()
		if got := h.ask(tc, "/"); got != "client.example" {
			t.Errorf("the handler knows the client as %q", got)
		}
		nobody, err := h.secretly(trusting())
		if err == nil { // with 1.3 a client hears of it when it reads (RFC 8446 4.4.2.4)
			defer nobody.Close()
			nobody.SetDeadline(time.Now().Add(patience))
			_, err = nobody.Read(make([]byte, 1))
		}
		if err == nil || !strings.Contains(err.Error(), "certificate required") {
			t.Errorf("a client without certificate got %v, want the alert that names the reason", err)
		}
		until(t, "the failed handshake is logged", func() bool {
			return strings.Contains(h.log.String(), "TLS handshake with 127.0.0.1:") && strings.Contains(h.log.String(), "didn't provide a certificate")
		})
	})
}

// TestCertificateFiles: certificate and key from files; what is wrong with
// them is said with their names, and the listener is closed.
func TestCertificateFiles(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	key, err := x509.MarshalPKCS8PrivateKey(identity().server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: identity().server.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	onEachSecured(t, func(t *testing.T, s stage) {
		s.serve = func(srv *Server, l net.Listener) error { return srv.ServeTLS(l, certFile, keyFile) }
		h := serve(t, s, at, func(srv *Server) { srv.TLSConfig = &tls.Config{} })
		if got := h.ask(h.visit(), "/hello"); got != "hello\n" {
			t.Errorf("the answer is %q", got)
		}
		l, _ := s.raise(t, h.srv)
		if err := h.srv.ServeTLS(l, certFile, filepath.Join(dir, "nokey")); err == nil || !strings.Contains(err.Error(), "nokey") || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a key that is not there: %v, want an error that names it", err)
		}
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
			t.Error("after the error the listener still listens; http.Server closes it")
		}
	})
}

// TestGetCertificate: the program chooses a certificate by name, and is asked
// with the context that net/http gives it. A panic there is one connection's
// end, not the program's.
func TestGetCertificate(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, at, func(srv *Server) {
			srv.TLSConfig = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				if hello.ServerName == "panic.example" {
					panic("no such name")
				}
				if _, ok := hello.Context().Value(http.ServerContextKey).(*http.Server); !ok {
					t.Error("the context of the handshake has no server")
				}
				if a, ok := hello.Context().Value(http.LocalAddrContextKey).(net.Addr); !ok || a.String() != hello.Conn.LocalAddr().String() {
					t.Error("the context of the handshake has no local address")
				}
				cert := identity().server
				return &cert, nil
			}}
		})
		if _, err := h.secretly(trusting(func(c *tls.Config) { c.ServerName = "panic.example" })); err == nil {
			t.Error("a handshake whose callback panicked succeeded")
		}
		until(t, "the panic is logged", func() bool {
			return strings.Contains(h.log.String(), "no such name") && strings.Contains(h.log.String(), "TestGetCertificate")
		})
		if got := h.ask(h.visit(), "/hello"); got != "hello\n" {
			t.Errorf("after a panic the next client got %q", got)
		}
	})
}

// TestPlainOnTLS: who speaks HTTP where TLS is spoken is told so, in HTTP, and
// the answer is not lost to a reset although more of the request comes.
func TestPlainOnTLS(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		var got heard
		h := serve(t, s, at, func(srv *Server) { srv.OnRefused = got.add })
		for _, request := range []string{
			"GET /" + get + "\r\n",
			"POST /" + get + "Content-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000),
		} {
			c := h.plainly()
			go io.WriteString(c, request)
			got, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400 Bad Request\r\n") || !strings.Contains(string(got), "Rule tls-missing (RFC 9110 4.2.2") {
				t.Errorf("the answer is %q, %v", got, err)
			}
			c.Close()
			h.wantClosed(http1.HandshakeFailed, "there was no TLS")
		}
		if !strings.Contains(h.log.String(), "speaks HTTP, not TLS") {
			t.Errorf("the log says %q", h.log)
		}
		all := got.all()
		if len(all) != 2 || h.srv.Refused()["tls-missing"] != 2 || !strings.Contains(all[0].Reason, `"GET /"`) || all[1].Status != 400 || all[1].RemoteAddr == "" {
			t.Errorf("told of %+v, counted %v; want tls-missing twice", all, h.srv.Refused())
		}
	})
}

// trickle sends byte by byte: what is written in one piece is read in many.
type trickle struct{ net.Conn }

func (c trickle) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := c.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// TestTLSByteByByte: handshake and records that come in pieces of one byte are
// the same handshake and records. The memory kernel keeps each byte apart.
func TestTLSByteByByte(t *testing.T) {
	for _, s := range append(secured(), stageTLSMemory) {
		t.Run(s.name, func(t *testing.T) {
			below := map[string]stage{stageTLS.name: stageTCP, stageTLSDirect.name: stageDirect, stageTLSMemory.name: stageMemory}[s.name]
			var dial func() (net.Conn, error)
			s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
				srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{identity().server}}
				l, d := below.raise(t, srv)
				dial = d
				return l, d
			}
			h := serve(t, s, at)
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				tc, err := dialTLS(func() (net.Conn, error) {
					c, err := dial()
					if tcp, ok := c.(*net.TCPConn); ok {
						tcp.SetNoDelay(true)
					}
					return trickle{c}, err
				}, trusting(func(c *tls.Config) { c.MaxVersion = version }))
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if got := h.ask(tc, "/hello"); got != "hello\n" {
						t.Errorf("the answer is %q", got)
					}
				}
				tc.Close()
			}
		})
	}
}

// TestHandshakeTimeout: ten seconds, to the millisecond, whatever has been sent
// of a handshake by then.
func TestHandshakeTimeout(t *testing.T) {
	hello := clientHello(t)
	for _, c := range []struct{ name, send string }{
		{"nothing", ""}, {"half a record's header", hello[:3]}, {"half a hello", hello[:len(hello)/2]}, {"a hello and no more", hello},
	} {
		for _, below := range []stage{stageMemory, stageEager} {
			t.Run(c.name+", "+below.name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					s := overTLS(below.name, below)
					var dial func() (net.Conn, error)
					s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
						srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{identity().server}}
						l, d := below.raise(t, srv)
						dial = d
						return l, d
					}
					h := serve(t, s, at)
					began := time.Now()
					v, err := dial()
					if err != nil {
						t.Fatal(err)
					}
					defer v.Close()
					io.WriteString(v, c.send)
					h.wantClosed(http1.HandshakeTimeout, "a client has 10 s for its handshake")
					if took := time.Since(began); took < handshakeTimeout || took > handshakeTimeout+time.Millisecond {
						t.Errorf("closed after %v, want %v", took, handshakeTimeout)
					}
				})
			})
		}
	}
}

// clientHello is the first thing that a client says.
func clientHello(t *testing.T) string {
	ours, theirs := net.Pipe()
	go tls.Client(ours, trusting()).Handshake()
	b := make([]byte, 8<<10)
	n, err := theirs.Read(b)
	ours.Close()
	theirs.Close()
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestTLSLargeBodies: more than fits any buffer, both ways at once, and the
// same bytes come back.
func TestTLSLargeBodies(t *testing.T) {
	const size = 8 << 20
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		sent := noise(size)
		go func() {
			io.WriteString(v.Conn, "POST /echo"+get+"Content-Length: 8388608\r\n\r\n")
			io.WriteString(v.Conn, sent)
		}()
		_, got := v.answer("POST")
		if got != sent {
			t.Errorf("%d bytes came back, or others than the %d that were sent", len(got), len(sent))
		}
	})
}

// TestTLSBackPressure: a client that does not read stops the handler, and what
// waits for it is bounded; when it reads, all is there.
func TestTLSBackPressure(t *testing.T) {
	const size = 32 << 20
	onEachSecured(t, func(t *testing.T, s stage) {
		var mu sync.Mutex
		written := 0
		piece := bytes.Repeat([]byte("p"), 128<<10)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			for n := 0; n < size; n += len(piece) {
				if _, err := w.Write(piece); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				written += len(piece)
				mu.Unlock()
			}
		})
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		progress := func() int { mu.Lock(); defer mu.Unlock(); return written }
		last, since := -1, time.Now()
		until(t, "the handler is stopped", func() bool {
			if n := progress(); n != last {
				last, since = n, time.Now()
			}
			return time.Since(since) > 100*time.Millisecond
		})
		if last > size/2 {
			t.Errorf("%d bytes went to a client that reads nothing: more than the kernel's buffers", last)
		}
		_, got := v.answer("GET")
		if len(got) != size {
			t.Errorf("%d bytes came, want %d", len(got), size)
		}
	})
}

// TestTLSGoneInEachPhase: a client may leave at any moment; nothing is left of
// it, and the next one is served.
func TestTLSGoneInEachPhase(t *testing.T) {
	hello := clientHello(t)
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, mixed)
		for _, say := range []string{"", hello[:1], hello[:100], hello, hello + "\x15\x03\x03\x00\x02\x02\x28"} {
			for _, rudely := range []bool{false, true} {
				c := h.plainly()
				io.WriteString(c, say)
				if rudely {
					c.(*net.TCPConn).SetLinger(0)
				}
				c.Close()
			}
		}
		for _, say := range []string{"", "GET", "GET /hello" + get, "POST /echo" + get + "Content-Length: 10\r\n\r\n12345", "GET /large" + get + "\r\n", "GET /sleep" + get + "\r\n"} {
			for _, how := range []func(*visitor){func(v *visitor) { v.Close() }, (*visitor).reset, func(v *visitor) { v.Conn.(*tls.Conn).CloseWrite(); v.hear(-1); v.Close() }, func(v *visitor) { v.Conn.(*tls.Conn).NetConn().Close() }} {
				v := h.visit()
				v.say(say)
				how(v)
			}
		}
		until(t, "all are gone", func() bool { return h.srv.Conns() == 0 })
		if got := h.ask(h.visit(), "/hello"); got != "hello\n" {
			t.Errorf("the next one got %q", got)
		}
	})
}

// TestCloseNotifyBothWays: the server says that it ends, and does not take a
// connection that breaks off for one that was ended.
func TestCloseNotifyBothWays(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		v.say("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		v.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.ReadAll(v.Conn); err != nil {
			t.Errorf("the end came as %v, want close_notify (RFC 8446 6.1)", err)
		}
		v.Close()
		h.wantClosed(http1.ClientAskedClose, "it did")

		v = h.visit()
		v.say("GET /hello" + get + "\r\n")
		v.hear(wireLength(hello))
		v.Conn.(*tls.Conn).CloseWrite()
		if _, err := v.Conn.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("our close_notify was answered with %v, want the server's", err)
		}
		h.wantClosed(http1.PeerClosed, "close_notify is the end of what a peer sends")
	})
}

// TestRecordsBroken: what is no record of this connection ends it, with an alert
// that names the breach.
func TestRecordsBroken(t *testing.T) {
	onEachSecured(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for _, c := range []struct {
			name, send string
			want       http1.CloseReason
			alert      string
		}{
			{"garbage", "\x17\x03\x03\x00\x20" + strings.Repeat("x", 32), http1.Refused, "bad record MAC"},
			{"too long", "\x17\x03\x03\xff\xff", http1.Refused, "oversized record"},
			{"half a record", "\x17\x03\x03\x00\x20xxx", http1.PeerClosed, ""},
		} {
			v := h.visit()
			v.say("GET /hello" + get + "\r\n")
			v.hear(wireLength(hello))
			below := v.Conn.(*tls.Conn).NetConn()
			io.WriteString(below, c.send)
			if c.alert == "" {
				below.(*net.TCPConn).CloseWrite()
			} else if _, err := v.Conn.Read(make([]byte, 1)); err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "record overflow", "oversized record"), c.alert) {
				t.Errorf("%s: the client heard %v, want the alert %q", c.name, err, c.alert)
			}
			h.wantClosed(c.want, c.name)
			v.Close()
		}
	})
}

// TestTLSIdleCostsNoGoroutine: connections that rest on the loop, handshake
// made and a request answered, have no goroutine each.
func TestTLSIdleCostsNoGoroutine(t *testing.T) {
	if !loop.Supported {
		t.Skip("there is no loop on this system")
	}
	const many = 1000
	h := serve(t, stageTLS, at, func(srv *Server) { srv.Watch = nil })
	first := h.visit()
	h.ask(first.Conn, "/hello")
	before := runtime.NumGoroutine()
	for range many {
		v := h.visit()
		if got := h.ask(v.Conn, "/hello"); got != "hello\n" {
			t.Fatalf("the answer is %q", got)
		}
	}
	until(t, "their goroutines have ended", func() bool { return runtime.NumGoroutine() < before+100 })
	if n := h.srv.Conns(); n != many+1 {
		t.Errorf("%d connections are open, want %d", n, many+1)
	}
	// What rests is ended by Shutdown, at once and in good order.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if _, err := first.Conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after Shutdown a client that rests reads %v, want its end by close_notify", err)
	}
}

// BenchmarkIdleTLS reports what an idle connection costs the server: the
// client's end of TLS is thrown away, its socket stays.
func BenchmarkIdleTLS(b *testing.B) {
	const n = 1000
	for _, s := range secured() {
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				h := serve(b, s, at, func(srv *Server) { srv.Watch = nil })
				addr := h.at()
				memory, goroutines := heap(), runtime.NumGoroutine()
				below := make([]net.Conn, n)
				for i := range below {
					tc, err := dialTLS(dialer("tcp", addr), trusting())
					if err != nil {
						b.Fatal(err)
					}
					h.ask(tc, "/hello")
					below[i] = tc.NetConn()
				}
				b.ReportMetric(float64(heap()-memory)/n, "B/conn")
				b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/n, "goroutines/conn")
				for _, c := range below {
					c.Close()
				}
			}
		})
	}
}
