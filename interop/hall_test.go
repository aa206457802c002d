package interop

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/genkan-http/genkan/genkantest"
)

// A hall is a kind of server that a handler can be put on.
type hall struct {
	name string
	over func(testing.TB, http.Handler, wire) *server
}

// open puts h on a server that speaks HTTP/1.1.
func (on hall) open(t testing.TB, h http.Handler) *server { return on.over(t, h, http1) }

var (
	reference = hall{"net/http", openReference}
	ours      = []hall{{"genkan on a loop", openLoop}, {"genkan over a net.Listener", openDirect}}
	all       = append([]hall{reference}, ours...)
)

// A wire is what is spoken below the handler.
type wire string

const (
	http1   wire = "HTTP/1.1"
	h2c     wire = "HTTP/2 without TLS"
	http2   wire = "HTTP/2"
	secure1 wire = "HTTP/1.1 over TLS"
)

// protocols is what a server without TLS speaks.
func (w wire) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(w == h2c)
	return p
}

// client is a client without TLS that speaks this and nothing else.
func (w wire) client() *http.Client {
	p := new(http.Protocols)
	p.SetHTTP1(w == http1)
	p.SetUnencryptedHTTP2(w == h2c)
	return &http.Client{Transport: &http.Transport{Protocols: p}}
}

// server is a handler that is being served, until the test's end at most.
type server struct {
	url, address string
	client       *http.Client // which speaks the server's wire
	config       interface {
		RegisterOnShutdown(func())
		Shutdown(context.Context) error
	}
}

// quiet is the log of servers whose handlers fail on purpose.
var quiet = log.New(io.Discard, "", 0)

func openReference(t testing.TB, h http.Handler, w wire) *server {
	ts := httptest.NewUnstartedServer(h)
	ts.Config.ErrorLog = quiet
	client := w.client()
	switch w {
	case http2, secure1:
		ts.EnableHTTP2 = w == http2
		ts.StartTLS()
		client = ts.Client()
	default:
		ts.Config.Protocols = w.protocols()
		ts.Start()
	}
	t.Cleanup(ts.Close)
	t.Cleanup(client.CloseIdleConnections)
	return &server{ts.URL, ts.Listener.Addr().String(), client, ts.Config}
}

func openLoop(t testing.TB, h http.Handler, w wire) *server {
	return openGenkan(t, genkantest.NewUnstartedServer(h), w)
}

func openDirect(t testing.TB, h http.Handler, w wire) *server {
	ts := genkantest.NewUnstartedServer(h)
	ts.Listener.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ts.Listener = l
	return openGenkan(t, ts, w)
}

func openGenkan(t testing.TB, ts *genkantest.Server, w wire) *server {
	ts.Config.ErrorLog = quiet
	client := w.client()
	switch w {
	case http2, secure1:
		ts.EnableHTTP2 = w == http2
		ts.StartTLS()
		client = ts.Client()
	default:
		if w != http1 { // else as most programs leave it
			ts.Config.Protocols = w.protocols()
		}
		ts.Start()
	}
	t.Cleanup(ts.Close)
	t.Cleanup(client.CloseIdleConnections)
	return &server{ts.URL, ts.Listener.Addr().String(), client, ts.Config}
}

// onEach runs f on each kind of server.
func onEach(t *testing.T, f func(t *testing.T, on hall)) {
	for _, on := range all {
		t.Run(on.name, func(t *testing.T) {
			wantNothingLeft(t)
			f(t, on)
		})
	}
}
