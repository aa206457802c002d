package genkantest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// spoken answers with the protocol, and with TLS where there is any.
var spoken = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Proto)
	if r.TLS != nil {
		fmt.Fprint(w, " over TLS")
	}
})

// wantSpoken asks for url and wants this answer to have been sent in the
// protocol that it names.
func wantSpoken(t *testing.T, c *http.Client, url, want string) *http.Response {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != want || !strings.HasPrefix(want, res.Proto) || err != nil {
		t.Errorf("%s answered %q in %s, %v, want %q", url, body, res.Proto, err, want)
	}
	return res
}

// replaceListener has the server accept by package net, without a loop.
func replaceListener(t *testing.T, ts *Server) {
	t.Helper()
	ts.Listener.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ts.Listener = l
}

func TestTLS(t *testing.T) {
	for _, on := range []struct {
		name   string
		change func(*testing.T, *Server)
	}{{"on a loop", func(*testing.T, *Server) {}}, {"over a net.Listener", replaceListener}} {
		for _, http2 := range []bool{false, true} {
			want := map[bool]string{false: "HTTP/1.1 over TLS", true: "HTTP/2.0 over TLS"}[http2]
			t.Run(on.name+", "+want, func(t *testing.T) {
				before := runtime.NumGoroutine()
				ts := NewUnstartedServer(spoken)
				on.change(t, ts)
				ts.EnableHTTP2 = http2
				ts.StartTLS()
				if start := "https://" + ts.Listener.Addr().String(); ts.URL != start {
					t.Errorf("URL is %q, want %q", ts.URL, start)
				}
				res := wantSpoken(t, ts.Client(), ts.URL, want)
				if shown := res.TLS.PeerCertificates[0]; !shown.Equal(ts.Certificate()) {
					t.Errorf("the server showed %v, and says that it shows %v", shown.Subject, ts.Certificate().Subject)
				}
				wantSpoken(t, ts.Client(), "https://example.com/", want)
				wantSpoken(t, ts.Client(), "https://www.example.com/", want)
				ts.Close()
				wantGoroutines(t, before)
			})
		}
	}
}

func TestNewTLSServer(t *testing.T) {
	ts := NewTLSServer(spoken)
	defer ts.Close()
	// Its client, as in httptest, speaks HTTP/1.1 unless EnableHTTP2 is set.
	wantSpoken(t, ts.Client(), ts.URL, "HTTP/1.1 over TLS")

	plain := NewServer(spoken)
	defer plain.Close()
	wantSpoken(t, plain.Client(), plain.URL, "HTTP/1.1")
	if c := plain.Certificate(); c != nil {
		t.Errorf("a server without TLS has the certificate %v", c.Subject)
	}
}

// TestTrust sees who trusts the server: the clients of this package, and nobody else.
func TestTrust(t *testing.T) {
	ts, other := NewUnstartedServer(spoken), NewTLSServer(spoken)
	defer other.Close()
	ts.Config.Logger = nothingSaid // of the handshake that fails
	ts.StartTLS()
	defer ts.Close()
	wantSpoken(t, other.Client(), ts.URL, "HTTP/1.1 over TLS")
	if res, err := http.Get(ts.URL); err == nil {
		res.Body.Close()
		t.Error("a client that was not told of the certificate trusts it")
	}
	for _, name := range []string{"127.0.0.1", "::1", "example.com", "www.example.com"} {
		if err := ts.Certificate().VerifyHostname(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ts.Certificate().VerifyHostname("example.org"); err == nil {
		t.Error("the certificate is for more names than it should be")
	}
	roots := x509.NewCertPool()
	roots.AddCert(ts.Certificate())
	bubble := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := ts.Certificate().Verify(x509.VerifyOptions{Roots: roots, CurrentTime: bubble}); err != nil {
		t.Errorf("where testing/synctest begins: %v", err)
	}
}

// TestTLSConfig brings a certificate and a rule of the test's own.
func TestTLSConfig(t *testing.T) {
	others := httptest.NewUnstartedServer(spoken)
	others.StartTLS()
	defer others.Close()
	for _, where := range []string{"TLS", "Config.TLSConfig"} {
		mine := &tls.Config{Certificates: others.TLS.Certificates, MaxVersion: tls.VersionTLS12}
		ts := NewUnstartedServer(spoken)
		if where == "TLS" {
			ts.TLS = mine
			ts.Config.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS13} // TLS is asked first
		} else {
			ts.Config.TLSConfig = mine
		}
		ts.StartTLS()
		defer ts.Close()
		res := wantSpoken(t, ts.Client(), ts.URL, "HTTP/1.1 over TLS")
		if !ts.Certificate().Equal(others.Certificate()) || !res.TLS.PeerCertificates[0].Equal(others.Certificate()) {
			t.Errorf("%s: the certificate is not the one that the test has brought", where)
		}
		if res.TLS.Version != tls.VersionTLS12 {
			t.Errorf("%s: spoken %s, want the test's MaxVersion kept", where, tls.VersionName(res.TLS.Version))
		}
		if ts.TLS == mine || ts.TLS == nil {
			t.Errorf("%s: TLS is %p after the start, want a copy of the test's %p", where, ts.TLS, mine)
		}
	}
}

// TestTLSProtocols asks with the server's own client for the best that it gets.
func TestTLSProtocols(t *testing.T) {
	only := func(set func(*http.Protocols, bool)) *http.Protocols {
		p := new(http.Protocols)
		set(p, true)
		return p
	}
	for _, c := range []struct {
		name      string
		enable    bool
		protocols *http.Protocols
		named     []string
		want      string
	}{
		{"nothing said", false, nil, nil, "HTTP/1.1"},
		{"EnableHTTP2", true, nil, nil, "HTTP/2.0"},
		{"EnableHTTP2, beside Protocols", true, only((*http.Protocols).SetHTTP1), nil, "HTTP/2.0"},
		{"Protocols without HTTP/2", false, only((*http.Protocols).SetHTTP1), nil, "HTTP/1.1"},
		{"Protocols with HTTP/2 alone", false, only((*http.Protocols).SetHTTP2), nil, "HTTP/2.0"},
		{"NextProtos with HTTP/2, as tests had it before EnableHTTP2", false, nil, []string{"h2"}, "HTTP/2.0"},
		{"NextProtos without HTTP/2", false, nil, []string{"http/1.1"}, "HTTP/1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ts := NewUnstartedServer(spoken)
			ts.EnableHTTP2, ts.Config.Protocols, ts.TLS = c.enable, c.protocols, &tls.Config{NextProtos: c.named}
			was := fmt.Sprint(c.protocols)
			ts.StartTLS()
			defer ts.Close()
			wantSpoken(t, ts.Client(), ts.URL, c.want+" over TLS")
			if is := fmt.Sprint(c.protocols); is != was {
				t.Errorf("the test's Protocols were %s and have become %s", was, is)
			}
		})
	}
}

func TestStartTLSPanics(t *testing.T) {
	started := NewServer(greet)
	defer started.Close()
	for _, c := range []struct {
		name, want string
		ts         *Server
		certs      []tls.Certificate
	}{
		{"a second start", "StartTLS: the server has been started already", started, nil},
		{"an empty certificate", "TLS.Certificates[0] is empty", NewUnstartedServer(greet), make([]tls.Certificate, 1)},
		{"no certificate", "TLS.Certificates[0]: x509:", NewUnstartedServer(greet), []tls.Certificate{{Certificate: [][]byte{{1}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer c.ts.Close()
			defer func() {
				if v := recover(); !strings.Contains(fmt.Sprint(v), c.want) {
					t.Errorf("panics with %v, want %q said", v, c.want)
				}
			}()
			c.ts.TLS = &tls.Config{Certificates: c.certs}
			c.ts.StartTLS()
		})
	}
}

// TestTLSCloseWaits closes the server in the middle of an answer by HTTP/2.
func TestTLSCloseWaits(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	ts := NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		<-goOn
		io.WriteString(w, greeting)
	}))
	ts.EnableHTTP2 = true
	ts.StartTLS()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		wantGreeting(t, ts.Client(), ts.URL)
	}()
	wantInside(t, inside)
	told := make(chan struct{})
	ts.Config.RegisterOnShutdown(func() { close(told) })
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		ts.Close()
	}()
	<-told
	select {
	case <-closed:
		t.Error("Close returned while a request was being answered")
	default:
	}
	close(goOn)
	<-closed
	<-answered
}

// dialEither connects to the server, and speaks TLS to it if it does.
func dialEither(t *testing.T, ts *Server) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(5 * time.Second))
	if ts.Certificate() == nil {
		return c
	}
	roots := x509.NewCertPool()
	roots.AddCert(ts.Certificate())
	return tls.Client(c, &tls.Config{RootCAs: roots, ServerName: "example.com"})
}
