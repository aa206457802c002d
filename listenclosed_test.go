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
