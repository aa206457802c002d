package socket_test

import (
	"bytes"
	"errors"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// The kernel in memory is worth something only as long as it does what the real
// one does. Each test of this file runs against both.
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

func TestStream(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		if _, err := b.Recv(server, make([]byte, 1), 0); err != socket.ErrAgain {
			t.Fatalf("recv with nothing there: %v, want ErrAgain: the socket is non-blocking", err)
		}
		if _, err := b.Recv(client, make([]byte, 1), socket.DONTWAIT); err != socket.ErrAgain {
			t.Fatalf("recv with DONTWAIT: %v, want ErrAgain whatever the descriptor's mode", err)
		}
		b.sends(client, "one")
		b.sends(client, "two")
		b.eventually("six bytes", func() bool {
			n, _ := b.Recv(server, make([]byte, 9), socket.PEEK)
			return n == 6
		})
		buf := make([]byte, 4)
		n, err := b.Recv(server, buf, 0)
		if string(buf[:n]) != "onet" || err != nil {
			t.Fatalf("recv = %q, %v: a stream has no borders, and PEEK takes nothing", buf[:n], err)
		}
		b.receives(server, "wo", "what did not fit stays")

		b.must(b.Shutdown(client, socket.SHUT_WR))
		b.receives(server, "", "SHUT_WR is the end for the peer: 0 bytes, no error")
		b.receives(server, "", "the end stays the end")
		_, err = b.Send(client, []byte("x"), 0)
		b.fails(err, syscall.EPIPE, "this side was shut down")
		b.sends(server, "still")
		b.receives(client, "still", "the other direction is open")
	})
}

func TestNames(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		l, addr := b.listen(b.place(f), socket.STREAM|socket.NONBLOCK)
		if _, _, err := b.Accept(l, 0); err != socket.ErrAgain {
			t.Fatalf("accept with an empty queue: %v, want ErrAgain", err)
		}
		client := b.socket(f, socket.STREAM)
		_, err := b.Getpeername(client)
		b.fails(err, syscall.ENOTCONN, "no peer yet")
		b.must(b.Connect(client, addr))
		server, peer, err := b.Accept(l, 0)
		b.must(err)
		b.keep(server)
		mine, err := b.Getsockname(client)
		b.must(err)
		if mine != peer {
			t.Errorf("accept said %v, the client is %v", peer, mine)
		}
		if got, err := b.Getpeername(server); got != mine || err != nil {
			t.Errorf("getpeername = %v, %v; want %v", got, err, mine)
		}
		if got, err := b.Getpeername(client); got != addr || err != nil {
			t.Errorf("the client's peer = %v, %v; want %v", got, err, addr)
		}
		if got, err := b.Getsockname(server); got != addr || err != nil {
			t.Errorf("the server's own = %v, %v; want the listener's %v", got, err, addr)
		}
	})
}

func TestBackpressure(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		chunk := bytes.Repeat([]byte("0123456789abcdef"), 1024)
		sent := 0
		for {
			n, err := b.Send(server, chunk, socket.DONTWAIT)
			sent += n
			if err == socket.ErrAgain {
				break
			}
			b.must(err)
			if sent > 64<<20 {
				t.Fatal("64 MiB without a reader: memory must be bounded")
			}
		}
		got := 0
		b.eventually("all bytes", func() bool {
			n, err := b.Recv(client, make([]byte, 1<<20), socket.DONTWAIT)
			if err != socket.ErrAgain {
				b.must(err)
			}
			got += n
			return got >= sent
		})
		b.eventually("room again", func() bool {
			_, err := b.Send(server, []byte("x"), 0)
			return err == nil
		})
	})
}

func TestCloseWithUnreadBytesResets(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		b.sends(client, "unread")
		b.eventually("arrival", func() bool {
			n, _ := b.Recv(server, make([]byte, 9), socket.PEEK)
			return n == 6
		})
		b.must(b.Close(server))
		_, err := b.recv(client)
		b.fails(err, syscall.ECONNRESET, "RFC 2525 2.17: data was lost, and the peer must know")
		b.receives(client, "", "the error is told once; then it is the end")
		_, err = b.Send(client, []byte("x"), 0)
		b.fails(err, syscall.EPIPE, "a send after the reset was told")
	})
}

func TestLingerZeroResets(t *testing.T) {
	for _, f := range families[:2] { // UNIX has no linger
		onBoth(t, func(t *testing.T, b *bench) {
			defer b.closeAll()
			client, server := b.pair(f)
			b.sends(server, "before")
			b.must(b.Setsockopt(server, socket.LingerZero, 1))
			if v, err := b.Getsockopt(server, socket.LingerZero); v != 1 || err != nil {
				t.Errorf("SO_LINGER = %d, %v", v, err)
			}
			b.must(b.Close(server))
			b.receives(client, "before", "bytes that arrived before the reset can be read")
			_, err := b.recv(client)
			b.fails(err, syscall.ECONNRESET, "linger 0 makes close a reset")
		})
	}
}

func TestSendAfterPeerClosed(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		b.must(b.Close(server))
		b.receives(client, "", "a close without unread bytes is the end")
		b.eventually("EPIPE", func() bool {
			_, err := b.Send(client, []byte("x"), 0)
			return errors.Is(err, syscall.EPIPE)
		})
		b.receives(client, "", "after EPIPE, recv still says the end")
	})
}

func TestNobodyListens(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		l, addr := b.listen(b.place(f), socket.STREAM)
		b.must(b.Close(l))
		err := b.Connect(b.socket(f, socket.STREAM), addr)
		b.fails(err, syscall.ECONNREFUSED, "the listener is gone")
		if f == socket.UNIX {
			err = b.Connect(b.socket(f, socket.STREAM), socket.Unix(addr.Path+".other"))
			b.fails(err, syscall.ENOENT, "no such path")
			if want := "connect unix:" + addr.Path + ".other: no such file or directory"; err.Error() != want {
				t.Errorf("error text %q, want %q", err, want)
			}
		}
	})
}

func TestConnectWithoutWaiting(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		l, addr := b.listen(tcp("127.0.0.1:0"), socket.STREAM)
		client := b.socket(socket.INET, socket.STREAM|socket.NONBLOCK)
		if err := b.Connect(client, addr); err != socket.ErrAgain {
			t.Fatalf("connect = %v, want ErrAgain (EINPROGRESS)", err)
		}
		server, _, err := b.Accept(l, 0)
		b.must(err)
		b.keep(server)
		if v, err := b.Getsockopt(client, socket.SockError); v != 0 || err != nil {
			t.Errorf("SO_ERROR = %d, %v; want 0: connected", v, err)
		}
		b.must(b.Close(l))
		client = b.socket(socket.INET, socket.STREAM|socket.NONBLOCK)
		if err := b.Connect(client, addr); err != socket.ErrAgain {
			t.Fatalf("connect to nobody = %v, want ErrAgain first", err)
		}
		b.eventually("refusal", func() bool {
			v, _ := b.Getsockopt(client, socket.SockError)
			return syscall.Errno(v) == syscall.ECONNREFUSED
		})
	})
}

func TestAddressInUse(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		_, addr := b.listen(b.place(f), socket.STREAM)
		err := b.Bind(b.socket(f, socket.STREAM), addr)
		b.fails(err, syscall.EADDRINUSE, "somebody listens there")
		if want := "bind " + addr.String() + ": address already in use"; err.Error() != want {
			t.Errorf("error text %q, want %q", err, want)
		}
	})
}

func TestDualStack(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		for _, only := range []int{0, 1} {
			l := b.socket(socket.INET6, socket.STREAM)
			b.must(b.Setsockopt(l, socket.V6Only, only))
			b.must(b.Bind(l, tcp("[::]:0")))
			b.must(b.Listen(l, 1))
			addr, err := b.Getsockname(l)
			b.must(err)
			four := socket.TCP(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), addr.IP.Port()))
			client := b.socket(socket.INET, socket.STREAM)
			err = b.Connect(client, four)
			if only == 1 {
				b.fails(err, syscall.ECONNREFUSED, "V6ONLY takes no IPv4")
				continue
			}
			b.must(err)
			server, peer, err := b.Accept(l, 0)
			b.must(err)
			b.keep(server)
			if peer.Family != socket.INET6 || !strings.HasPrefix(peer.String(), "127.0.0.1:") {
				t.Errorf("peer = %v of %v; want the mapped address, written as IPv4", peer, peer.Family)
			}
			if b.Bind(b.socket(socket.INET, socket.STREAM), four) == nil {
				t.Error("an IPv4 bind succeeded on a port that a dual-stack listener has")
			}
		}
	})
}

func TestDatagrams(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		server := b.socket(f, socket.DGRAM)
		b.must(b.Bind(server, b.place(f)))
		addr, err := b.Getsockname(server)
		b.must(err)
		client := b.socket(f, socket.DGRAM)
		if f == socket.UNIX { // a UNIX sender without a name cannot be answered
			b.must(b.Bind(client, socket.Unix(filepath.Join(b.folder, "client.sock"))))
		}
		for _, msg := range []string{"long message", "second"} {
			n, err := b.Sendto(client, []byte(msg), 0, addr)
			if n != len(msg) || err != nil {
				t.Fatalf("sendto = %d, %v", n, err)
			}
		}
		buf := make([]byte, 4)
		n, from, err := b.Recvfrom(server, buf, 0)
		if string(buf[:n]) != "long" || err != nil {
			t.Fatalf("recvfrom = %q, %v", buf[:n], err)
		}
		mine, err := b.Getsockname(client)
		b.must(err)
		if f != socket.UNIX && from.IP.Port() != mine.IP.Port() || f == socket.UNIX && from != mine {
			t.Errorf("from %v, want %v", from, mine)
		}
		n, _, err = b.Recvfrom(server, buf, 0)
		if string(buf[:n]) != "seco" || err != nil {
			t.Errorf("recvfrom = %q, %v: each message is for itself, and what does not fit is lost", buf[:n], err)
		}
		if _, _, err = b.Recvfrom(server, buf, socket.DONTWAIT); err != socket.ErrAgain {
			t.Errorf("recvfrom with nothing there: %v, want ErrAgain", err)
		}
		if _, err := b.Sendto(server, []byte("back"), 0, from); err != nil {
			t.Fatal(err)
		}
		b.receives(client, "back", "the address of recvfrom answers")
	})
}

func TestDatagramsToNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		server := b.socket(socket.INET, socket.DGRAM)
		b.must(b.Bind(server, tcp("127.0.0.1:0")))
		addr, err := b.Getsockname(server)
		b.must(err)
		b.must(b.Close(server))
		client := b.socket(socket.INET, socket.DGRAM)
		if n, err := b.Sendto(client, []byte("lost"), 0, addr); n != 4 || err != nil {
			t.Errorf("sendto nobody = %d, %v; want 4: UDP promises nothing", n, err)
		}
		b.must(b.Connect(client, addr))
		b.sends(client, "lost too")
		b.eventually("refusal", func() bool {
			_, err := b.Send(client, []byte("x"), 0)
			return errors.Is(err, syscall.ECONNREFUSED)
		})
		_, err = b.Sendto(client, make([]byte, 70000), 0, addr)
		if !errors.Is(err, syscall.EMSGSIZE) && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("sendto of 70000 bytes: %v, want EMSGSIZE", err)
		}
	})
}

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

func TestAbstractName(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		name := socket.Unix("@genkan-" + strings.ReplaceAll(filepath.Base(b.folder), "/", "-") + t.Name())
		for range 2 { // the name goes with the listener, so it can be had again
			l, addr := b.listen(name, socket.STREAM)
			if addr != name {
				t.Errorf("getsockname = %v, want %v", addr, name)
			}
			client := b.socket(socket.UNIX, socket.STREAM)
			b.must(b.Connect(client, name))
			b.must(b.Close(l))
			b.fails(b.Connect(b.socket(socket.UNIX, socket.STREAM), name), syscall.ECONNREFUSED, "the name is free")
		}
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
