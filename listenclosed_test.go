package genkan

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// The number of a closed descriptor may be anybody's: it is not served.
func TestServeOnAClosedListener(t *testing.T) {
	srv := &Server{Handler: http.NotFoundHandler()}
	defer srv.Close()
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := srv.Serve(ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v, want net.ErrClosed", err)
	}
}

// Who takes connections by Accept leaves nothing behind, either: after Close
// nobody listens, and Accept says so.
func TestListenerIsClosedAfterAccept(t *testing.T) {
	for _, raise := range []func(testing.TB, *Server) (net.Listener, func() (net.Conn, error)){raiseTCP, raiseUNIX} {
		srv := &Server{}
		l, dial := raise(t, srv)
		c, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if c, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		c.Close()
		ended := make(chan error, 1)
		go func() {
			_, err := l.Accept()
			ended <- err
		}()
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("the Accept that waited: %v", err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept after Close: %v", err)
		}
		if c, err := dial(); err == nil {
			c.Close()
			t.Errorf("somebody still listens at %v", l.Addr())
		}
		srv.Close()
	}
}
