package genkan

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
)

// stagesOf2 are the stages on which HTTP/2 is spoken: over TLS, and without.
func stagesOf2() []stage {
	some := []stage{stageTLSDirect, unencrypted2("net.Listener, h2c", stageDirect)}
	if loop.Supported {
		some = append(some, stageTLS, unencrypted2("loop, h2c", stageTCP), unencrypted2("loop, UNIX, h2c", stageUNIX))
	}
	return some
}

func unencrypted2(name string, below stage) stage {
	raise := below.raise
	below.name = name
	below.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		if srv.Protocols == nil {
			srv.Protocols = protocols(true, false, true)
		}
		return raise(t, srv)
	}
	return below
}

func protocols(one, two, unencrypted bool) *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(one)
	p.SetHTTP2(two)
	p.SetUnencryptedHTTP2(unencrypted)
	return p
}

// client2 is a client that speaks HTTP/2 only, and how to end its connections.
func (h *hall) client2() (*http.Client, func()) {
	transport := &http.Transport{TLSClientConfig: trusting(), Protocols: protocols(false, true, false)}
	plain := h.srv.TLSConfig == nil
	if plain {
		transport.Protocols = protocols(false, false, true)
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) { return h.dial() }
	} else {
		addr := h.at()
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", addr)
		}
	}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 3 * patience}, transport.CloseIdleConnections
}

func (h *hall) url(path string) string {
	if h.srv.TLSConfig == nil {
		return "http://server.example" + path
	}
	return "https://server.example" + path
}

// fetch is one request, answered whole.
func fetch(t testing.TB, client *http.Client, method, url string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: the body: %v", method, url, err)
	}
	return res, string(got)
}

func onEachOf2(t *testing.T, f func(t *testing.T, s stage)) {
	for _, s := range stagesOf2() {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

// TestHTTP2Parity: the handlers of the conversations answer over HTTP/2 as
// they do on net/http's own server.
func TestHTTP2Parity(t *testing.T) {
	theirs := httptest.NewUnstartedServer(http.HandlerFunc(at))
	theirs.EnableHTTP2 = true
	theirs.Config.ErrorLog = log.New(io.Discard, "", 0)
	theirs.StartTLS()
	defer theirs.Close()
	paths := slices.Sorted(maps.Keys(handlers))
	onEachOf2(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		ours, _ := h.client2()
		defer theirs.Client().CloseIdleConnections()
		for _, path := range paths {
			if path == "/exit" {
				continue // net/http's engine does not survive it: the stream hangs
			}
			for _, method := range []string{"GET", "HEAD", "POST"} {
				describe := func(client *http.Client, url string) string {
					var body io.Reader
					if method == "POST" {
						body = struct{ io.Reader }{strings.NewReader("a body of no known length")}
					}
					req, err := http.NewRequest(method, url, body)
					if err != nil {
						t.Fatal(err)
					}
					if body != nil {
						req.Trailer = http.Header{"T": {"t"}}
					}
					hints := ""
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
						Got1xxResponse: func(code int, h textproto.MIMEHeader) error { hints += fmt.Sprint(code, h, " "); return nil },
					}))
					res, err := client.Do(req)
					if err != nil {
						if ctx.Err() != nil {
							t.Errorf("%s %s: %v", method, url, err)
						}
						return "fails"
					}
					defer res.Body.Close()
					got, err := io.ReadAll(res.Body)
					res.Header.Del("Date")
					return fmt.Sprint(hints, res.Proto, res.StatusCode, res.ContentLength, res.Header, len(got), clipped(got), res.Trailer, err != nil)
				}
				got, want := describe(ours, h.url(path)), describe(theirs.Client(), theirs.URL+path)
				if got != want {
					t.Errorf("%s %s is answered\n%s\nand by net/http\n%s", method, path, got, want)
				}
			}
		}
	})
}

// TestHTTP2LargeBodies: flow control both ways.
func TestHTTP2LargeBodies(t *testing.T) {
	sent := noise(8 << 20)
	onEachOf2(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		client, _ := h.client2()
		if _, got := fetch(t, client, "POST", h.url("/echo"), strings.NewReader(sent)); got != sent {
			t.Errorf("%d bytes came back, or others than the %d that were sent", len(got), len(sent))
		}
	})
}

// TestHTTP2Reset: a stream that its client resets ends its request's context,
// and leaves the others alone.
func TestHTTP2Reset(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		waiting, over := make(chan bool), make(chan error, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/hello" {
				at(w, r)
				return
			}
			waiting <- true
			<-r.Context().Done()
			over <- r.Context().Err()
		})
		client, _ := h.client2()
		ctx, cancel := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, "GET", h.url("/wait"), nil)
		go func() {
			<-waiting
			cancel()
		}()
		if _, err := client.Do(req); !errors.Is(err, context.Canceled) {
			t.Errorf("the request ended with %v", err)
		}
		select {
		case err := <-over:
			if err != context.Canceled {
				t.Errorf("the context ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("the handler was not told")
		}
		if _, got := fetch(t, client, "GET", h.url("/hello"), nil); got != "hello\n" {
			t.Errorf("the next request got %q", got)
		}
	})
}

// frames is a client that speaks HTTP/2 by hand: frames of RFC 9113 4.1.
type frames struct{ *visitor }

func frame(kind, flags byte, stream uint32, payload string) string {
	n := len(payload)
	return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(stream >> 24), byte(stream >> 16), byte(stream >> 8), byte(stream)}) + payload
}

// next is the next frame that is not a window update or the like.
func (f frames) next(kind byte) (stream uint32, payload string) {
	f.t.Helper()
	f.SetReadDeadline(time.Now().Add(patience))
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(f.in, head); err != nil {
			f.t.Fatalf("waiting for a frame of type %d: %v", kind, err)
		}
		body := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(f.in, body); err != nil {
			f.t.Fatal(err)
		}
		if head[3] == kind {
			return uint32(head[5])<<24 | uint32(head[6])<<16 | uint32(head[7])<<8 | uint32(head[8]), string(body)
		}
	}
}

const (
	frameHeaders  = 1
	frameSettings = 4
	frameGoAway   = 7

	// GET http://x/hello with the static table of RFC 7541, and :path as a
	// literal that is not indexed.
	getHello2 = "\x82\x86\x04\x06/hello\x01\x01x"
)

// TestPriorKnowledge: the preface of HTTP/2 on a connection without TLS, in
// one piece, byte by byte, with frames right behind it; and HTTP/1.1 beside it.
func TestPriorKnowledge(t *testing.T) {
	opening := string(preface) + frame(frameSettings, 0, 0, "") + frame(frameHeaders, 5, 1, getHello2)
	for _, s := range []stage{stageTCP, stageUNIX, stageDirect, stagePipe} {
		if s.name[:4] == "loop" && !loop.Supported {
			continue
		}
		s = unencrypted2(s.name, s)
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, at)
			for _, pieces := range []func(*visitor){
				func(v *visitor) { v.say(opening) },
				func(v *visitor) {
					for i := range opening {
						v.say(opening[i : i+1])
					}
				},
				func(v *visitor) { v.say(opening[:3]); time.Sleep(5 * time.Millisecond); v.say(opening[3:]) },
				func(v *visitor) { v.say(opening[:24]); time.Sleep(5 * time.Millisecond); v.say(opening[24:]) },
			} {
				v := h.visit()
				go pieces(v)
				f := frames{v}
				if stream, _ := f.next(frameHeaders); stream != 1 {
					t.Errorf("the answer is on stream %d", stream)
				}
				v.Close()
			}
			for _, request := range []string{"GET /hello" + get + "\r\n", "PRI_ /hello" + get + "\r\n", "POST /hello" + get + "Content-Length: 0\r\n\r\n"} {
				v := h.visit()
				v.say(request)
				if got := v.hear(wireLength(hello)); got != hello {
					t.Errorf("%.10q is answered %q", request, got)
				}
				v.Close()
			}
		})
	}
}

// TestPriorKnowledgeUnwanted: without UnencryptedHTTP2 the preface is a request
// of a version that is not spoken.
func TestPriorKnowledgeUnwanted(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		v.say(string(preface))
		if got := v.hear(-1); !strings.HasPrefix(got, "HTTP/1.1 505 ") {
			t.Errorf("the answer is %.60q", got)
		}
		v.Close()
		h.wantClosed(http1.Refused, "it is HTTP/1.1 that is spoken here")
	})
}

// TestOnlyHTTP2: without HTTP1 among the Protocols nobody is answered in it.
func TestOnlyHTTP2(t *testing.T) {
	for _, s := range stagesOf2() {
		t.Run(s.name, func(t *testing.T) {
			h := serve(t, s, at, func(srv *Server) { srv.Protocols = protocols(false, true, true) })
			client, _ := h.client2()
			if res, got := fetch(t, client, "GET", h.url("/hello"), nil); got != "hello\n" || res.ProtoMajor != 2 {
				t.Errorf("%s %q", res.Proto, got)
			}
			v := h.visit()
			v.say("GET /hello" + get + "\r\n")
			if got := v.hear(-1); got != "" {
				t.Errorf("HTTP/1.1 was answered %q; net/http closes the connection", got)
			}
		})
	}
}

// TestHTTP2Limits: 100 streams at once and 32 KiB of fields, unless the server
// is told otherwise, as the settings say and the engine does.
func TestHTTP2Limits(t *testing.T) {
	s := unencrypted2("", stageDirect)
	h := serve(t, s, at)
	v := h.visit()
	v.say(string(preface) + frame(frameSettings, 0, 0, ""))
	_, settings := frames{v}.next(frameSettings)
	values := map[int]int{}
	for b := []byte(settings); len(b) >= 6; b = b[6:] {
		values[int(b[0])<<8|int(b[1])] = int(b[2])<<24 | int(b[3])<<16 | int(b[4])<<8 | int(b[5])
	}
	if values[3] != 100 {
		t.Errorf("SETTINGS_MAX_CONCURRENT_STREAMS is %d, want 100", values[3])
	}
	if n := values[6]; n < 32<<10 || n > 33<<10 {
		t.Errorf("SETTINGS_MAX_HEADER_LIST_SIZE is %d, want 32 KiB and what net/http adds for overhead", n)
	}
	client, _ := h.client2()
	req, _ := http.NewRequest("GET", h.url("/hello"), nil)
	req.Header.Set("Long", strings.Repeat("x", 40<<10))
	if res, err := client.Do(req); err == nil {
		res.Body.Close()
		if res.StatusCode != 431 {
			t.Errorf("40 KiB of fields are answered %s", res.Status)
		}
	}
}

// TestHTTP2Shutdown: GOAWAY at once, also while an HTTP/1.1 connection is
// busy; streams that run are answered; then all is over.
func TestHTTP2Shutdown(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		entered, leave := make(chan string, 2), make(chan bool)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			entered <- r.Proto
			<-leave
			io.WriteString(w, "to the end")
		})
		one := h.visit()
		one.say("GET /" + get + "\r\n")
		<-entered
		client, _ := h.client2()
		answered := make(chan string, 1)
		go func() {
			res, err := client.Get(h.url("/"))
			if err != nil {
				answered <- err.Error()
				return
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			answered <- string(body)
		}()
		<-entered
		// By hand, to see the frame.
		byHand := frames{h.two()}
		byHand.say(string(preface) + frame(frameSettings, 0, 0, ""))
		byHand.next(frameSettings)
		over := make(chan error, 1)
		go func() { over <- h.shutdown(patience) }()
		byHand.next(frameGoAway)
		select {
		case err := <-over:
			t.Errorf("Shutdown returned (%v) while requests were being answered", err)
		default:
		}
		close(leave)
		if got := <-answered; got != "to the end" {
			t.Errorf("the stream that ran got %q", got)
		}
		if _, got := one.answer("GET"); got != "to the end" {
			t.Errorf("the HTTP/1.1 request that ran got %q", got)
		}
		if err := <-over; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// two is a visitor on a connection on which HTTP/2 may be spoken.
func (h *hall) two() *visitor {
	h.t.Helper()
	if h.srv.TLSConfig == nil {
		return h.visit()
	}
	tc, err := h.secretly(trusting(func(c *tls.Config) { c.NextProtos = []string{"h2"} }))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { tc.Close() })
	return &visitor{t: h.t, Conn: tc, in: bufio.NewReader(tc)}
}

// TestHTTP2Close: Close cuts the connections of the engine too.
func TestHTTP2Close(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		entered := make(chan bool)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			entered <- true
			<-r.Context().Done()
		})
		client, _ := h.client2()
		failed := make(chan error, 1)
		go func() {
			_, err := client.Get(h.url("/"))
			failed <- err
		}()
		<-entered
		h.srv.Close()
		if err := <-failed; err == nil {
			t.Error("the request did not fail")
		}
	})
}

// TestHTTP2ShutdownWhileComing: clients that come while the server ends are
// served, refused or cut, and nothing is left of them.
func TestHTTP2ShutdownWhileComing(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		for _, end := range []func(*hall) error{func(h *hall) error { return h.shutdown(patience) }, func(h *hall) error { return h.srv.Close() }} {
			h := serve(t, s, at)
			h.at()
			var all sync.WaitGroup
			for range 8 {
				client, closeIdle := h.client2()
				all.Go(func() {
					defer closeIdle()
					for range 50 {
						res, err := client.Get(h.url("/hello"))
						if err != nil {
							return
						}
						body, err := io.ReadAll(res.Body)
						res.Body.Close()
						if err == nil && string(body) != "hello\n" {
							t.Errorf("got %q", body)
						}
						closeIdle()
					}
				})
			}
			time.Sleep(20 * time.Millisecond) // some have come; nothing depends on how many
			if err := end(h); err != nil {
				t.Error(err)
			}
			all.Wait()
		}
	})
}

// TestHTTP2KeepAlivesOff: the engine is told, too.
func TestHTTP2KeepAlivesOff(t *testing.T) {
	onEachOf2(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		byHand := frames{h.two()}
		byHand.say(string(preface) + frame(frameSettings, 0, 0, "") + frame(frameHeaders, 5, 1, getHello2))
		byHand.next(frameHeaders)
		h.srv.SetKeepAlivesEnabled(false)
		byHand.say(frame(frameHeaders, 5, 3, getHello2))
		var rest bytes.Buffer
		byHand.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(&rest, byHand.in); err != nil {
			t.Errorf("the connection did not end: %v", err)
		}
	})
}
