package socket_test

import (
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

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
