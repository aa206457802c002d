package loop

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/genkan-http/genkan/socket"
)

// Once the descriptor has been given back, or away, its number may be somebody
// else's: whoever still has the Conn must not reach the kernel with it.
func TestConnWithoutDescriptorDoesNothing(t *testing.T) {
	for name, leave := range map[string]func(*Conn) error{"closed": (*Conn).Close, "detached": (*Conn).Detach} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, Options{Loops: 1})
				defer h.close()
				peer := h.dial()
				h.say(peer, "a", "a")
				synctest.Wait() // it rests
				h.group.Each(func(c *Conn) bool {
					visited := c.Visit(func(Code) Ending {
						io.WriteString(peer, "more")
						if err := leave(c); err != nil {
							t.Error(err)
						}
						for call, f := range map[string]func() (int, error){
							"Recv":     func() (int, error) { return c.Recv(make([]byte, 10)) },
							"Send":     func() (int, error) { return c.Send([]byte("x"), false) },
							"Sendfile": func() (int, error) { return c.Sendfile(socket.FD(0), 0, 10) },
						} {
							if n, err := f(); n != 0 || err != ErrKilled {
								t.Errorf("%s on a connection that was %s: %d, %v; want ErrKilled", call, name, n, err)
							}
						}
						return Closed()
					})
					if !visited {
						t.Error("the connection does not rest")
					}
					if name == "detached" {
						h.kernel.Close(c.FD())
					}
					return true
				})
				peer.Close()
			})
		})
	}
}
