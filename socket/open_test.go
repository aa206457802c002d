package socket_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// open opens what s says, with %s for the test's folder.
func (b *bench) open(s string) (socket.FD, socket.Addr, error) {
	b.t.Helper()
	e, err := socket.ParseEndpoint(strings.ReplaceAll(s, "%s", b.folder))
	b.must(err)
	return socket.Open(b.Kernel, e, 0)
}

func TestOpen(t *testing.T) {
	for _, s := range []string{"127.0.0.1:0", "[::1]:0", ":0", "tcp6://:0", "unix:%s/x.sock", "unix://@genkan-test-open"} {
		t.Run(s, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bench) {
				defer b.closeAll()
				l, addr, err := b.open(s)
				b.must(err)
				b.keep(l)
				if addr.Family != socket.UNIX && addr.IP.Port() == 0 {
					t.Errorf("address %v: want the port that the kernel chose", addr)
				}
				if _, _, err := b.Accept(l, 0); err != socket.ErrAgain {
					t.Errorf("accept: %v, want ErrAgain: the listener is non-blocking", err)
				}
				client := b.socket(addr.Family, socket.STREAM)
				b.must(b.Connect(client, addr))
				conn, _, err := b.Accept(l, 0)
				b.must(err)
				b.keep(conn)
				if addr.Family != socket.UNIX {
					if v, err := b.Getsockopt(conn, socket.NoDelay); v != 1 || err != nil {
						t.Errorf("TCP_NODELAY = %d, %v on the accepted connection", v, err)
					}
				}
				want := 1
				if s == ":0" {
					want = 0
				}
				if addr.Family == socket.INET6 {
					if v, err := b.Getsockopt(l, socket.V6Only); v != want || err != nil {
						t.Errorf("IPV6_V6ONLY = %d, %v; want %d, set either way", v, err, want)
					}
				}
			})
		})
	}
}

func TestOpenTaken(t *testing.T) {
	for _, s := range []string{"127.0.0.1:0", "unix:%s/x.sock", "unix://@genkan-test-taken"} {
		onBoth(t, func(t *testing.T, b *bench) {
			defer b.closeAll()
			l, addr, err := b.open(s)
			b.must(err)
			b.keep(l)
			_, _, err = socket.Open(b.Kernel, socket.Endpoint{Addr: addr}, 0)
			b.fails(err, syscall.EADDRINUSE, "a server is listening there")
			if !strings.HasPrefix(err.Error(), "bind "+addr.String()+": address already in use") &&
				!strings.HasPrefix(err.Error(), "listen "+addr.String()+": address already in use") {
				t.Errorf("error text %q", err)
			}
			if addr.Family == socket.UNIX && !addr.Abstract() && !strings.Contains(err.Error(), "a server is listening there") {
				t.Errorf("error text %q says nothing of the server", err)
			}
			b.must(b.Connect(b.socket(addr.Family, socket.STREAM), addr)) // the first is unharmed
		})
	}
}

func TestOpenStalePath(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		l, addr, err := b.open("unix:%s/x.sock")
		b.must(err)
		b.must(b.Close(l)) // as a killed server: the file stays
		l, _, err = b.open("unix:%s/x.sock")
		if err != nil {
			t.Fatalf("a path without a server behind it was not taken over: %v", err)
		}
		b.must(b.Connect(b.socket(socket.UNIX, socket.STREAM), addr))

		b.must(socket.RemoveUnix(b.Kernel, addr))
		if err := b.Connect(b.socket(socket.UNIX, socket.STREAM), addr); err != nil {
			t.Errorf("RemoveUnix removed the path of a server that lives: %v", err)
		}
		b.must(b.Close(l))
		b.must(socket.RemoveUnix(b.Kernel, addr))
		b.fails(b.Connect(b.socket(socket.UNIX, socket.STREAM), addr), syscall.ENOENT, "the path is gone")
		b.must(socket.RemoveUnix(b.Kernel, addr)) // and again: nothing to do
	})
}

func TestOpenPathOfAFile(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		path := filepath.Join(b.folder, "x.sock")
		if k, ok := b.Kernel.(*sockettest.Kernel); ok {
			k.Touch(path)
		} else if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := b.open("unix:%s/x.sock")
		b.fails(err, syscall.EADDRINUSE, "a file is in the way")
		if !strings.Contains(err.Error(), "not a socket") {
			t.Errorf("error text %q: want what is there", err)
		}
		b.must(socket.RemoveUnix(b.Kernel, socket.Unix(path)))
		if k, ok := b.Kernel.(*sockettest.Kernel); ok {
			_, err = k.Mode(path)
		} else {
			_, err = os.Lstat(path)
		}
		if err != nil {
			t.Errorf("the file is gone: %v", err)
		}
	})
}

func TestOpenMode(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		for _, want := range []fs.FileMode{0o660, 0o606, 0o600} { // wider and narrower than a umask leaves
			l, addr, err := b.open("unix:%s/x.sock?mode=0" + octal(want))
			b.must(err)
			var got fs.FileMode
			if k, ok := b.Kernel.(*sockettest.Kernel); ok {
				got, err = k.Mode(addr.Path)
			} else {
				var fi fs.FileInfo
				if fi, err = os.Lstat(addr.Path); err == nil {
					got = fi.Mode().Perm()
				}
			}
			if got != want || err != nil {
				t.Errorf("mode %v, %v; want %v", got, err, want)
			}
			b.must(b.Close(l))
		}
	})
}

func octal(m fs.FileMode) string {
	return string([]byte{'0' + byte(m>>6&7), '0' + byte(m>>3&7), '0' + byte(m&7)})
}

// Several servers that start together on a path that a dead one left: one gets
// it, the others are told, and the one is not robbed of it.
func TestOpenRace(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		l, addr, err := b.open("unix:%s/x.sock")
		b.must(err)
		b.must(b.Close(l))
		var wg sync.WaitGroup
		won := make(chan socket.FD, 16)
		for range 16 {
			wg.Go(func() {
				fd, _, err := socket.Open(b.Kernel, socket.Endpoint{Addr: addr}, 0)
				if err == nil {
					won <- fd
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d servers think that they have the path, want 1", len(won))
		}
		b.keep(<-won)
		b.must(b.Connect(b.socket(socket.UNIX, socket.STREAM), addr))
	})
}

func TestOpenInherited(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		l, addr := b.listen(tcp("127.0.0.1:0"), socket.STREAM)
		fd, got, err := socket.Open(b.Kernel, socket.Endpoint{Inherited: l}, 0)
		if fd != l || got != addr || err != nil {
			t.Fatalf("Open = %d, %v, %v; want the descriptor itself and %v", fd, got, err, addr)
		}
		if _, _, err := b.Accept(l, 0); err != socket.ErrAgain {
			t.Errorf("accept: %v, want ErrAgain: it must have become non-blocking", err)
		}
		for _, c := range []struct {
			fd    socket.FD
			errno syscall.Errno
			words string
		}{
			{b.socket(socket.INET, socket.STREAM), syscall.EINVAL, "does not listen"},
			{b.socket(socket.INET, socket.DGRAM), syscall.EOPNOTSUPP, "not a SOCK_STREAM"},
			{99999, syscall.EBADF, "no such descriptor"},
			{-1, syscall.EINVAL, "neither an address nor"},
		} {
			_, _, err := socket.Open(b.Kernel, socket.Endpoint{Inherited: c.fd}, 0)
			b.fails(err, c.errno, c.words)
			if !strings.Contains(err.Error(), c.words) {
				t.Errorf("error text %q, want %q in it", err, c.words)
			}
		}
	})
}

// A refusal at each of the calls that Open makes leaves nothing behind.
func TestOpenLeavesNothingAfterARefusal(t *testing.T) {
	for _, e := range []socket.Endpoint{
		{Addr: tcp("[::1]:80")}, {Addr: socket.Unix("/run/x.sock"), Mode: 0o600},
	} {
		for n := 1; ; n++ {
			k := sockettest.New()
			k.Fault(sockettest.Fault{N: n, Err: syscall.ENOBUFS})
			fd, _, err := socket.Open(k, e, 0)
			if k.Calls("") < n {
				break // Open makes fewer calls: all were tried
			}
			if err == nil {
				if k.Close(fd) != nil {
					t.Errorf("%v, refusal at call %d: no error and no descriptor", e, n)
				}
				t.Errorf("%v, refusal at call %d was not told", e, n)
				continue
			}
			if !strings.Contains(err.Error(), e.Addr.String()) {
				t.Errorf("%v, call %d: %q does not say the address", e, n, err)
			}
			if open := k.Open(); len(open) > 0 {
				t.Errorf("%v, refusal at call %d: %v stay open", e, n, open)
			}
			if _, err := k.Mode(e.Addr.Path); err == nil {
				t.Errorf("%v, refusal at call %d: the path stays", e, n)
			}
		}
	}
}

func TestOpenWithoutIPv6(t *testing.T) {
	k := sockettest.New()
	k.Fault(sockettest.Fault{Call: "socket", N: 1, Err: syscall.EAFNOSUPPORT})
	_, addr, err := socket.Open(k, socket.Endpoint{Addr: tcp("[::]:80"), DualStack: true}, 0)
	if addr != tcp("0.0.0.0:80") || err != nil {
		t.Errorf("Open = %v, %v; want 0.0.0.0:80 on a machine without IPv6", addr, err)
	}
}
