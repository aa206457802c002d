package socket_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

func TestMisuse(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		_, err := b.Socket(0, socket.STREAM)
		b.fails(err, syscall.EAFNOSUPPORT, "no family")
		_, err = b.Recv(99999, make([]byte, 1), 0)
		b.fails(err, syscall.EBADF, "no such descriptor")
		if want := "recv fd 99999: bad file descriptor"; err.Error() != want {
			t.Errorf("error text %q, want %q", err, want)
		}
		s := b.socket(socket.INET, socket.STREAM)
		_, err = b.Recv(s, make([]byte, 1), 0)
		b.fails(err, syscall.ENOTCONN, "not connected")
		_, err = b.Send(s, make([]byte, 1), 0)
		b.fails(err, syscall.EPIPE, "not connected, TCP says it this way")
		b.fails(b.Shutdown(s, socket.SHUT_WR), syscall.ENOTCONN, "not connected")
		b.fails(b.Bind(s, tcp("[::1]:0")), syscall.EAFNOSUPPORT, "an INET6 address for an INET socket")
		b.fails(b.Bind(s, tcp("192.0.2.1:0")), syscall.EADDRNOTAVAIL, "not an address of this machine")
		_, _, err = b.Accept(s, 0)
		b.fails(err, syscall.EINVAL, "accept on what does not listen")
		b.fails(b.Setsockopt(s, socket.SockError, 1), syscall.ENOPROTOOPT, "can only be read")
		b.must(b.Bind(s, tcp("127.0.0.1:0")))
		b.fails(b.Bind(s, tcp("127.0.0.1:0")), syscall.EINVAL, "bound already")
		d := b.socket(socket.INET, socket.DGRAM)
		b.fails(b.Listen(d, 1), syscall.EOPNOTSUPP, "DGRAM has no connections")
		u := b.socket(socket.UNIX, socket.STREAM)
		b.fails(b.Bind(u, socket.Unix(strings.Repeat("x", 108))), syscall.ENAMETOOLONG, "108 bytes hold 107 and a NUL")
		b.fails(b.Close(99999), syscall.EBADF, "closed already")
	})
}

func TestOptions(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		s := b.socket(socket.INET6, socket.STREAM)
		for _, opt := range []socket.Option{socket.ReuseAddr, socket.ReusePort, socket.V6Only, socket.NoDelay, socket.KeepAlive} {
			for _, want := range []int{1, 0} {
				b.must(b.Setsockopt(s, opt, want))
				if got, err := b.Getsockopt(s, opt); got != want || err != nil {
					t.Errorf("%v = %d, %v; want %d", opt, got, err, want)
				}
			}
		}
		if v, err := b.Getsockopt(s, socket.SockType); socket.Type(v) != socket.STREAM || err != nil {
			t.Errorf("SO_TYPE = %d, %v", v, err)
		}
		b.must(b.Setsockopt(s, socket.NoDelay, 1))
		b.must(b.Bind(s, tcp("[::1]:0")))
		b.must(b.Listen(s, 1))
		if v, err := b.Getsockopt(s, socket.AcceptConn); v != 1 || err != nil {
			t.Errorf("SO_ACCEPTCONN = %d, %v; it listens", v, err)
		}
		addr, err := b.Getsockname(s)
		b.must(err)
		client := b.socket(socket.INET6, socket.STREAM)
		b.must(b.Connect(client, addr))
		conn, _, err := b.Accept(s, 0)
		b.must(err)
		b.keep(conn)
		if v, err := b.Getsockopt(conn, socket.NoDelay); v != 1 || err != nil {
			t.Errorf("TCP_NODELAY of an accepted connection = %d, %v; want the listener's 1: Open counts on it", v, err)
		}
	})
}
