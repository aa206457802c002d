//go:build linux

package socket_test

import (
	"os"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// osPair is a connection of the real kernel, its listener and that one's
// address.
func osPair(t testing.TB) (listener, client, server socket.FD, addr socket.Addr) {
	t.Helper()
	k := socket.OS
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	listener, addr, err := socket.Open(k, socket.Endpoint{Addr: tcp("127.0.0.1:0")}, 0)
	must(err)
	client, err = k.Socket(socket.INET, socket.STREAM)
	must(err)
	must(k.Connect(client, addr))
	server, _, err = k.Accept(listener, socket.NONBLOCK)
	must(err)
	t.Cleanup(func() {
		k.Close(server)
		k.Close(client)
		k.Close(listener)
	})
	return listener, client, server, addr
}

func TestHotCallsAllocateNothing(t *testing.T) {
	listener, client, server, _ := osPair(t)
	k := socket.OS
	buf := make([]byte, 1)
	for name, call := range map[string]func(){
		"recv with nothing there": func() { k.Recv(server, buf, socket.DONTWAIT) },
		"accept of nobody":        func() { k.Accept(listener, socket.NONBLOCK) },
		"send and recv": func() {
			if _, err := k.Send(server, buf, socket.DONTWAIT); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Recv(client, buf, 0); err != nil {
				t.Fatal(err)
			}
		},
		"getsockname": func() { k.Getsockname(server) },
		"getsockopt":  func() { k.Getsockopt(server, socket.SockError) },
	} {
		if n := testing.AllocsPerRun(100, call); n != 0 {
			t.Errorf("%s: %v allocations, want 0: a server does it for each request or connection", name, n)
		}
	}
}

func TestAcceptAllocatesNothing(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		k := socket.OS
		listener, addr, err := socket.Open(k, socket.Endpoint{Addr: tcp(at)}, 0)
		if err != nil {
			t.Fatal(err)
		}
		n := testing.AllocsPerRun(50, func() {
			client, _ := k.Socket(addr.Family, socket.STREAM)
			k.Connect(client, addr)
			server, peer, err := k.Accept(listener, socket.NONBLOCK)
			if err != nil || peer.Family != addr.Family {
				t.Fatal(peer, err)
			}
			k.Close(client)
			k.Close(server)
		})
		if n != 0 {
			t.Errorf("%s: socket, connect, accept, close: %v allocations, want 0", at, n)
		}
		k.Close(listener)
	}
}

func TestNoDescriptorLeaks(t *testing.T) {
	count := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := count()
	folder := t.TempDir()
	for range 10 {
		e := socket.Endpoint{Addr: socket.Unix(folder + "/x.sock"), Mode: 0o600}
		fd, addr, err := socket.Open(socket.OS, e, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := socket.Open(socket.OS, e, 0); err == nil {
			t.Fatal("opened twice")
		}
		socket.OS.Close(fd)
		if err := socket.RemoveUnix(socket.OS, addr); err != nil {
			t.Fatal(err)
		}
		// Refused at bind, behind socket and setsockopt.
		if _, _, err := socket.Open(socket.OS, socket.Endpoint{Addr: tcp("192.0.2.1:0")}, 0); err == nil {
			t.Fatal("bound to an address for documentation")
		}
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestDescriptorsAreCloseOnExec(t *testing.T) {
	_, client, server, _ := osPair(t)
	for _, fd := range []socket.FD{client, server} {
		if !closeOnExec(t, fd) {
			t.Errorf("fd %d would live on in a child process", fd)
		}
	}
}

func TestSendfile(t *testing.T) {
	_, client, server, _ := osPair(t)
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteString("0123456789")
	n, err := socket.OS.Sendfile(server, socket.FD(f.Fd()), 4, 3)
	if n != 3 || err != nil {
		t.Fatalf("sendfile = %d, %v", n, err)
	}
	if n, err := socket.OS.Sendfile(server, socket.FD(f.Fd()), 10, 3); n != 0 || err != nil {
		t.Errorf("sendfile at the file's end = %d, %v; want 0, nil", n, err)
	}
	buf := make([]byte, 10)
	n, err = socket.OS.Recv(client, buf, 0)
	if string(buf[:n]) != "456" || err != nil {
		t.Errorf("recv = %q, %v", buf[:n], err)
	}
	if at, _ := f.Seek(0, 1); at != 10 {
		t.Errorf("the file's own offset moved to %d", at)
	}
}

func BenchmarkRecvNothing(b *testing.B) {
	_, _, server, _ := osPair(b)
	buf := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		socket.OS.Recv(server, buf, socket.DONTWAIT)
	}
}

func BenchmarkSendRecv(b *testing.B) {
	_, client, server, _ := osPair(b)
	for _, c := range []struct {
		name  string
		flags socket.MsgFlag
	}{{"untold", socket.DONTWAIT}, {"told", 0}} {
		b.Run(c.name, func(b *testing.B) {
			msg, buf := make([]byte, 128), make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := socket.OS.Send(server, msg, c.flags); err != nil {
					b.Fatal(err)
				}
				if _, err := socket.OS.Recv(client, buf, c.flags); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkConnectAcceptClose(b *testing.B) {
	listener, _, _, addr := osPair(b)
	k := socket.OS
	b.ReportAllocs()
	for b.Loop() {
		client, err := k.Socket(socket.INET, socket.STREAM)
		if err != nil {
			b.Fatal(err)
		}
		k.Setsockopt(client, socket.LingerZero, 1) // no TIME_WAIT: ports would run out
		if err := k.Connect(client, addr); err != nil {
			b.Fatal(err)
		}
		server, _, err := k.Accept(listener, socket.NONBLOCK)
		if err != nil {
			b.Fatal(err)
		}
		k.Close(client)
		k.Close(server)
	}
}
