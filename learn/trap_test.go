package learn

import (
	"fmt"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// stingy is a kernel that takes three bytes of each send and gives two of each
// recv, as a kernel may.
type stingy struct{ socket.Kernel }

func (k stingy) Send(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	return k.Kernel.Send(fd, p[:min(3, len(p))], flags)
}

func (k stingy) Recv(fd socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	return k.Kernel.Recv(fd, p[:min(2, len(p))], flags)
}

func TestShortSends(t *testing.T) {
	r := startOn(t, 1, stingy{socket.OS}, 0)
	want(t, r.rest(r.dial("tcp")), "Wel", "step 1 does not look at what send returns, as its text confesses")
	for n := 3; n <= 5; n++ {
		r := startOn(t, n, stingy{socket.OS}, anyPort(t, n))
		want(t, r.ask("GET /test HTTP/1.1\r\nHost: a\r\n\r\n"), hello,
			fmt.Sprintf("step %d repeats send until all is taken, and recv until all has come", n))
	}
}

// TestRestart wants a server back at its port right after it was stopped,
// with a connection of before in TIME_WAIT: SO_REUSEADDR.
func TestRestart(t *testing.T) {
	needKernel(t)
	for n := 1; n <= 5; n++ {
		port := freePort(t)
		for range 2 {
			r := startOn(t, n, socket.OS, port)
			if n == 1 {
				r.rest(r.dial("tcp")) // the server closes first: TIME_WAIT is on its side
			} else {
				r.ask("GET /test HTTP/1.1\r\nHost: a\r\n\r\n")
			}
			r.stop()
		}
	}
}
