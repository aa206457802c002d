package interop

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"
)

// proxyTo is a reverse proxy before a server, with connections of its own.
func proxyTo(t testing.TB, backend string) *httputil.ReverseProxy {
	t.Helper()
	target, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
		},
		Transport: transport,
		ErrorLog:  quiet,
	}
}

// TestReverseProxy puts the everyday site behind a proxy: both on the same
// kind of server.
func TestReverseProxy(t *testing.T) {
	site := http.NewServeMux()
	site.Handle("/", muxSite(staticFolder(t)))
	site.HandleFunc("/forwarded", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Host"], r.Header["X-Forwarded-Proto"], r.Header["Keep-Alive"], r.Header["X-Hop"])
	})
	site.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Checksum")
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes, then %q", len(body), r.Trailer)
		w.Header().Set("X-Checksum", "seven")
		w.Header().Set(http.TrailerPrefix+"X-Late", "eight")
	})
	site.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		io.WriteString(w, "after the hints")
	})
	site.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "the beginning")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	compareEach(t, func(t testing.TB, on hall) http.Handler { return bothWays(proxyTo(t, on.open(t, site).url)) }, append(everyday(), []ask{
		{name: "forwarding fields, and none of one hop's", request: "GET /forwarded", fields: "Keep-Alive: 9\nX-Hop: a\nConnection: x-hop\nX-Forwarded-For: 9.9.9.9", status: 200, says: "[127.0.0.1] [example.com] [http] [] []"},
		{name: "trailers out", request: "POST /trailers", body: longText, status: 200, says: "118000 bytes"},
		{name: "early hints", request: "GET /hints", status: 200, says: "after the hints"},
		{name: "backend breaks off", request: "GET /broken", status: 200, says: "the beginning"},
		{name: "after that", request: "GET /", status: 200, says: "welcome"},
	}...))
}

func TestReverseProxyBackendDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	compare(t, proxyTo(t, "http://"+l.Addr().String()), []ask{
		{name: "GET", request: "GET /", status: 502},
		{name: "POST", request: "POST /", body: longText, status: 502},
		{name: "POST in chunks", request: "POST /", body: longText, chunked: true, status: 502},
		{name: "GET again", request: "GET /", status: 502},
	})
}

// TestReverseProxyStreams lets the backend wait, before each line, until the
// client has read the last one: nothing may be kept back on the way.
func TestReverseProxyStreams(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		heard := make(chan int)
		backend := on.open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := range streamed {
				fmt.Fprint(w, streamLine(i))
				w.(http.Flusher).Flush()
				if within(t, "the client hears a line", heard) != i {
					t.Error("lines come in another order")
				}
			}
		}))
		front := on.open(t, proxyTo(t, backend.url))
		res, err := http.Get(front.url)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		in := bufio.NewReader(res.Body)
		for i := range streamed {
			if line, err := in.ReadString('\n'); line != streamLine(i) {
				t.Fatalf("line %d is %q, %v", i, line, err)
			}
			heard <- i
		}
		if _, err := in.ReadByte(); err != io.EOF {
			t.Errorf("after the last line: %v, want a clean end", err)
		}
	})
}

// bothWays lets next read the request while it answers: net/http, without that,
// takes the rest of the body away once the answer has begun.
func bothWays(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// TestReverseProxyBothWays has client and backend talk in turns, within one
// request and its answer.
func TestReverseProxyBothWays(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		backend := on.open(t, bothWays(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			for in := bufio.NewReader(r.Body); ; w.(http.Flusher).Flush() {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				io.WriteString(w, strings.ToUpper(line))
			}
		})))
		front := on.open(t, bothWays(proxyTo(t, backend.url)))
		body, say := io.Pipe()
		res, err := http.Post(front.url, "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		in := bufio.NewReader(res.Body)
		for i := range streamed {
			if _, err := io.WriteString(say, streamLine(i)); err != nil {
				t.Fatal(err)
			}
			if line, err := in.ReadString('\n'); line != strings.ToUpper(streamLine(i)) {
				t.Fatalf("turn %d: heard %q, %v, want what was said, in capitals", i, line, err)
			}
		}
		say.Close()
		if _, err := in.ReadByte(); err != io.EOF {
			t.Errorf("after the last turn: %v, want a clean end", err)
		}
	})
}

// TestReverseProxyClientGone sees the end of a client arrive at the backend.
func TestReverseProxyClientGone(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		gone := make(chan error, 1)
		backend := on.open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "begun")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			gone <- r.Context().Err()
		}))
		front := on.open(t, proxyTo(t, backend.url))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", front.url, nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		cancel()
		if err := within(t, "the backend's context ends after its proxy's client has gone", gone); err != context.Canceled {
			t.Errorf("the backend's context ended by %v, want context.Canceled", err)
		}
	})
}

// TestReverseProxyUpgrade switches to a protocol that is none of HTTP's,
// through the proxy, and talks it for a while.
func TestReverseProxyUpgrade(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		backend := on.open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: capitals\r\n\r\n")
			for rw.Flush() == nil {
				line, err := rw.ReadString('\n')
				if err != nil {
					return
				}
				rw.WriteString(strings.ToUpper(line))
			}
		}))
		front := on.open(t, proxyTo(t, backend.url))
		c, err := net.Dial("tcp", front.address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(patience))
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: capitals\r\n\r\n")
		in := textproto.NewReader(bufio.NewReader(c))
		status, err := in.ReadLine()
		if !strings.HasPrefix(status, "HTTP/1.1 101 ") {
			t.Fatalf("upgrade was answered %q, %v", status, err)
		}
		if fields, err := in.ReadMIMEHeader(); fields.Get("Upgrade") != "capitals" {
			t.Fatalf("upgrade was answered with %v, %v", fields, err)
		}
		for i := range 100 {
			io.WriteString(c, streamLine(i))
			if line, err := in.ReadLine(); line+"\n" != strings.ToUpper(streamLine(i)) {
				t.Fatalf("line %d came back as %q, %v", i, line, err)
			}
		}
	})
}
