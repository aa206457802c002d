package sockettest_test

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

var addr = socket.TCP(addrOf("127.0.0.1:1235"))

func addrOf(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// serve is a listener on a kernel, a client and the server's end for it.
func serve(t *testing.T) (k *sockettest.Kernel, l, server socket.FD, client *sockettest.Conn) {
	t.Helper()
	k = sockettest.New()
	l, _, err := socket.Open(k, socket.Endpoint{Addr: addr}, 2)
	if err != nil {
		t.Fatal(err)
	}
	client, err = k.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	server, _, err = k.Accept(l, socket.NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	return k, l, server, client
}

func TestFaultAtTheNthCall(t *testing.T) {
	k, _, server, client := serve(t)
	k.Fault(sockettest.Fault{Call: "send", N: 3, Err: syscall.ENOBUFS})
	for n := 1; n <= 4; n++ {
		_, err := k.Send(server, []byte("x"), 0)
		if failed := errors.Is(err, syscall.ENOBUFS); failed != (n == 3) {
			t.Errorf("send %d: %v; want the fault at the third alone", n, err)
		}
	}
	buf := make([]byte, 9)
	if n, err := client.Read(buf); n != 3 || err != nil {
		t.Errorf("%d bytes, %v arrived; want 3: ENOBUFS takes none and breaks nothing", n, err)
	}
	k.Fault(sockettest.Fault{N: k.Calls("") + 2, Err: syscall.EINTR})
	k.Getsockname(server)
	if _, err := k.Recv(server, buf, 0); !errors.Is(err, syscall.EINTR) {
		t.Errorf("the second call from there: %v, want EINTR whatever its name", err)
	}
	if _, err := k.Recv(server, buf, 0); err != socket.ErrAgain {
		t.Errorf("repeated: %v, want ErrAgain", err)
	}
}

func TestShortCalls(t *testing.T) {
	k, _, server, client := serve(t)
	k.Fault(sockettest.Fault{Call: "send", Short: 1})
	k.Fault(sockettest.Fault{Call: "recv", Short: 2})
	if n, err := k.Send(server, []byte("abc"), 0); n != 1 || err != nil {
		t.Errorf("send = %d, %v; want 1", n, err)
	}
	client.Write([]byte("12345"))
	buf := make([]byte, 9)
	for _, want := range []string{"12", "34", "5"} {
		if n, err := k.Recv(server, buf, 0); string(buf[:n]) != want || err != nil {
			t.Errorf("recv = %q, %v; want %q", buf[:n], err, want)
		}
	}
	k.ClearFaults()
	if n, _ := k.Send(server, []byte("abc"), 0); n != 3 {
		t.Errorf("send = %d after ClearFaults, want 3", n)
	}
}

// A fault that says "the connection is broken" is true for both ends.
func TestFaultBreaksTheConnection(t *testing.T) {
	for _, call := range []string{"recv", "send"} {
		for _, errno := range []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE} {
			k, _, server, client := serve(t)
			k.Fault(sockettest.Fault{Call: call, N: 1, Err: errno})
			k.Recv(server, make([]byte, 1), 0)
			k.Send(server, make([]byte, 1), 0)
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("after %v from %s the client reads %v, want ECONNRESET", errno, call, err)
			}
			if _, err := k.Send(server, make([]byte, 1), 0); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("after %v from %s, send: %v, want EPIPE", errno, call, err)
			}
		}
	}
}

func TestAcceptFaults(t *testing.T) {
	k, l, _, _ := serve(t)
	first, err := k.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	k.Fault(sockettest.Fault{Call: "accept", N: 2, Err: syscall.EMFILE})
	k.Fault(sockettest.Fault{Call: "accept", N: 3, Err: syscall.ECONNABORTED})
	if _, _, err := k.Accept(l, 0); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("accept: %v, want EMFILE", err)
	}
	if _, _, err := k.Accept(l, 0); !errors.Is(err, syscall.ECONNABORTED) {
		t.Errorf("accept: %v, want ECONNABORTED", err)
	}
	if _, _, err := k.Accept(l, 0); err != socket.ErrAgain {
		t.Errorf("accept: %v, want ErrAgain: the aborted connection has left the queue", err)
	}
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the aborted client reads %v", err)
	}
}

func TestDescriptorLimit(t *testing.T) {
	k, l, server, _ := serve(t)
	second, err := k.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	k.Limit(2)
	if _, _, err := k.Accept(l, 0); !errors.Is(err, syscall.EMFILE) {
		t.Fatalf("accept: %v, want EMFILE: two are open", err)
	}
	if err := k.Close(server); err != nil {
		t.Fatal(err)
	}
	conn, _, err := k.Accept(l, 0)
	if err != nil {
		t.Fatalf("accept: %v; the connection must have stayed in the queue", err)
	}
	if got, want := k.Open(), []socket.FD{l, conn}; !slices.Equal(got, want) {
		t.Errorf("open: %v, want %v", got, want)
	}
	second.Close()
}

func TestLog(t *testing.T) {
	k, _, server, client := serve(t)
	client.Write([]byte("hello"))
	k.Recv(server, make([]byte, 9), 0)
	k.Shutdown(server, socket.SHUT_WR)
	k.Close(server)
	var got []string
	for _, c := range k.Log() {
		got = append(got, c.String())
	}
	want := []string{
		"socket(1000, AF_INET, SOCK_STREAM|SOCK_NONBLOCK) = 1000",
		"setsockopt(1000, SO_REUSEADDR) = 1",
		"setsockopt(1000, TCP_NODELAY) = 1",
		"bind(1000, 127.0.0.1:1235) = 0",
		"listen(1000) = 0",
		"getsockname(1000, 127.0.0.1:1235) = 0",
		"accept(1001, 127.0.0.1:32768) = 1001",
		"recv(1001) = 5",
		"shutdown(1001, SHUT_WR) = 0",
		"close(1001) = 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("log:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSendfile(t *testing.T) {
	k, _, server, client := serve(t)
	file := k.File(strings.NewReader("0123456789"))
	if n, err := k.Sendfile(server, file, 4, 3); n != 3 || err != nil {
		t.Errorf("sendfile = %d, %v", n, err)
	}
	if n, err := k.Sendfile(server, file, 10, 3); n != 0 || err != nil {
		t.Errorf("sendfile at the end = %d, %v; want 0, nil", n, err)
	}
	if _, err := k.Sendfile(server, 5, 0, 3); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("sendfile of somebody else's file: %v, want EINVAL", err)
	}
	k.Close(server)
	if all, err := io.ReadAll(client); string(all) != "456" || err != nil {
		t.Errorf("client read %q, %v", all, err)
	}
}
