package socket_test

import (
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// The kernel in memory is worth something only as long as it does what the real
// one does. Each test that uses onBoth runs against both.
func onBoth(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Run("memory", func(t *testing.T) {
		k := sockettest.New()
		test(t, newBench(t, k))
		if open := k.Open(); len(open) > 0 {
			t.Errorf("descriptors %v are still open", open)
		}
	})
	t.Run("os", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("the kernel in memory was taken from Linux")
		}
		test(t, newBench(t, socket.OS))
	})
}

// bench is a kernel with what a test needs around it.
type bench struct {
	socket.Kernel
	t      *testing.T
	folder string
	opened []socket.FD
}

func newBench(t *testing.T, k socket.Kernel) *bench {
	b := &bench{Kernel: k, t: t, folder: t.TempDir()}
	t.Cleanup(b.closeAll)
	return b
}

func (b *bench) closeAll() {
	for _, fd := range b.opened {
		b.Kernel.Close(fd)
	}
	b.opened = nil
}

func (b *bench) keep(fd socket.FD) socket.FD {
	b.opened = append(b.opened, fd)
	return fd
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) socket(f socket.Family, typ socket.Type) socket.FD {
	b.t.Helper()
	fd, err := b.Socket(f, typ)
	b.must(err)
	return b.keep(fd)
}

// place is a free address of the family.
func (b *bench) place(f socket.Family) socket.Addr {
	switch f {
	case socket.INET:
		return tcp("127.0.0.1:0")
	case socket.INET6:
		return tcp("[::1]:0")
	}
	return socket.Unix(filepath.Join(b.folder, "x.sock"))
}

func tcp(s string) socket.Addr { return socket.TCP(netip.MustParseAddrPort(s)) }

// listen opens a blocking or non-blocking listener.
func (b *bench) listen(at socket.Addr, typ socket.Type) (socket.FD, socket.Addr) {
	b.t.Helper()
	fd := b.socket(at.Family, typ)
	b.must(b.Bind(fd, at))
	b.must(b.Listen(fd, 0))
	addr, err := b.Getsockname(fd)
	b.must(err)
	return fd, addr
}

// pair is a connection: blocking at the client's end, not at the server's.
func (b *bench) pair(f socket.Family) (client, server socket.FD) {
	b.t.Helper()
	l, addr := b.listen(b.place(f), socket.STREAM)
	client = b.socket(f, socket.STREAM)
	b.must(b.Connect(client, addr))
	server, _, err := b.Accept(l, socket.NONBLOCK)
	b.must(err)
	return client, b.keep(server)
}

func (b *bench) sends(fd socket.FD, s string) {
	b.t.Helper()
	if n, err := b.Send(fd, []byte(s), 0); n != len(s) || err != nil {
		b.t.Fatalf("send %q: %d, %v", s, n, err)
	}
}

// recv is Recv, repeated while nothing has arrived: on the real kernel even
// loopback takes a moment.
func (b *bench) recv(fd socket.FD) (string, error) {
	b.t.Helper()
	buf := make([]byte, 1<<16)
	var n int
	var err error
	b.eventually("recv", func() bool {
		n, err = b.Recv(fd, buf, socket.DONTWAIT)
		return err != socket.ErrAgain
	})
	return string(buf[:n]), err
}

func (b *bench) receives(fd socket.FD, want string, why string) {
	b.t.Helper()
	if got, err := b.recv(fd); got != want || err != nil {
		b.t.Fatalf("recv = %q, %v; want %q: %s", got, err, want, why)
	}
}

func (b *bench) eventually(what string, done func() bool) {
	b.t.Helper()
	for end := time.Now().Add(5 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s: not within 5 s", what)
		}
	}
}

func (b *bench) fails(err error, want syscall.Errno, why string) {
	b.t.Helper()
	if !errors.Is(err, want) {
		b.t.Fatalf("error %v; want %q: %s", err, want, why)
	}
}

var families = []socket.Family{socket.INET, socket.INET6, socket.UNIX}

func onEachFamily(t *testing.T, test func(t *testing.T, b *bench, f socket.Family)) {
	for _, f := range families {
		t.Run(f.String(), func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bench) {
				defer b.closeAll()
				test(t, b, f)
			})
		})
	}
}
