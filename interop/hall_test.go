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
	open func(testing.TB, http.Handler) *server
}

var (
	reference = hall{"net/http", openReference}
	ours      = []hall{{"genkan on a loop", openLoop}, {"genkan over a net.Listener", openDirect}}
	all       = append([]hall{reference}, ours...)
)

// server is a handler that is being served, until the test's end at most.
type server struct {
	url, address string
	config       interface {
		RegisterOnShutdown(func())
		Shutdown(context.Context) error
	}
}

// quiet is the log of servers whose handlers fail on purpose.
var quiet = log.New(io.Discard, "", 0)

func openReference(t testing.TB, h http.Handler) *server {
	ts := httptest.NewUnstartedServer(h)
	ts.Config.ErrorLog = quiet
	ts.Start()
	t.Cleanup(ts.Close)
	return &server{ts.URL, ts.Listener.Addr().String(), ts.Config}
}

func openLoop(t testing.TB, h http.Handler) *server {
	return openGenkan(t, genkantest.NewUnstartedServer(h))
}

func openDirect(t testing.TB, h http.Handler) *server {
	ts := genkantest.NewUnstartedServer(h)
	ts.Listener.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ts.Listener = l
	return openGenkan(t, ts)
}

func openGenkan(t testing.TB, ts *genkantest.Server) *server {
	ts.Config.ErrorLog = quiet
	ts.Start()
	t.Cleanup(ts.Close)
	return &server{ts.URL, ts.Listener.Addr().String(), ts.Config}
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
