package trace

import (
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

// script is a kernel that answers from fields. A call that no test makes is
// the nil Kernel's: it panics.
type script struct {
	socket.Kernel
	nextFD  socket.FD
	peer    socket.Addr
	input   string // what Recv gives next
	room    int    // how much Send takes
	err     error
	onClose func(socket.FD)
}

func (k *script) Socket(socket.Family, socket.Type) (socket.FD, error) { return k.nextFD, k.err }
func (k *script) Setsockopt(socket.FD, socket.Option, int) error       { return k.err }
func (k *script) Getsockopt(socket.FD, socket.Option) (int, error)     { return 1, k.err }
func (k *script) Bind(socket.FD, socket.Addr) error                    { return k.err }
func (k *script) Listen(socket.FD, int) error                          { return k.err }
func (k *script) Connect(socket.FD, socket.Addr) error                 { return k.err }
func (k *script) Shutdown(socket.FD, socket.How) error                 { return k.err }
func (k *script) Getsockname(socket.FD) (socket.Addr, error)           { return k.peer, k.err }
func (k *script) Getpeername(socket.FD) (socket.Addr, error)           { return k.peer, k.err }

func (k *script) Accept(socket.FD, socket.Type) (socket.FD, socket.Addr, error) {
	return k.nextFD, k.peer, k.err
}

func (k *script) Recv(_ socket.FD, p []byte, flags socket.MsgFlag) (int, error) {
	n := copy(p, k.input)
	if flags&socket.PEEK == 0 {
		k.input = k.input[n:]
	}
	return n, k.err
}

func (k *script) Recvfrom(fd socket.FD, p []byte, flags socket.MsgFlag) (int, socket.Addr, error) {
	n, err := k.Recv(fd, p, flags)
	return n, k.peer, err
}

func (k *script) Send(_ socket.FD, p []byte, _ socket.MsgFlag) (int, error) {
	return min(len(p), k.room), k.err
}

func (k *script) Sendto(fd socket.FD, p []byte, flags socket.MsgFlag, _ socket.Addr) (int, error) {
	return k.Send(fd, p, flags)
}

func (k *script) Sendfile(_, _ socket.FD, _ int64, n int) (int, error) {
	return min(n, k.room), k.err
}

func (k *script) Close(fd socket.FD) error {
	if k.onClose != nil {
		k.onClose(fd)
	}
	return k.err
}

func newScript() *script {
	return &script{nextFD: 7, peer: socket.TCP(netip.MustParseAddrPort("127.0.0.1:51234")), room: 1 << 20}
}

// tapped is a tap whose last event can be looked at.
func tapped(k socket.Kernel, bytes int) (*Tap, *Event) {
	last := new(Event)
	return NewTap(k, func(e Event) { *last = e }, bytes), last
}

func TestTapSpellsCalls(t *testing.T) {
	k := newScript()
	tap, last := tapped(k, 100)
	local := socket.TCP(netip.MustParseAddrPort("127.0.0.1:1235"))
	reset := &socket.Error{Call: "recv", FD: 7, Errno: syscall.ECONNRESET}
	buf := make([]byte, 16384)
	for _, c := range []struct {
		want string
		err  error
		call func()
	}{
		{"socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK) = 7", nil, func() { tap.Socket(socket.INET, socket.STREAM|socket.NONBLOCK) }},
		{"setsockopt(7, SOL_SOCKET, SO_REUSEADDR, 1) = 0", nil, func() { tap.Setsockopt(7, socket.ReuseAddr, 1) }},
		{"setsockopt(7, IPPROTO_TCP, TCP_NODELAY, 1) = 0", nil, func() { tap.Setsockopt(7, socket.NoDelay, 1) }},
		{"setsockopt(7, IPPROTO_IPV6, IPV6_V6ONLY, 1) = 0", nil, func() { tap.Setsockopt(7, socket.V6Only, 1) }},
		{"getsockopt(7, SOL_SOCKET, SO_ERROR) = 1", nil, func() { tap.Getsockopt(7, socket.SockError) }},
		{"bind(7, 127.0.0.1:1235) = 0", nil, func() { tap.Bind(7, local) }},
		{"bind(7, 127.0.0.1:1235) = EADDRINUSE (" + syscall.EADDRINUSE.Error() + ")", &socket.Error{Call: "bind", Errno: syscall.EADDRINUSE}, func() { tap.Bind(7, local) }},
		{"listen(7, 5) = 0", nil, func() { tap.Listen(7, 5) }},
		{"listen(7, SOMAXCONN) = 0", nil, func() { tap.Listen(7, 0) }},
		{"accept(3) = 7 127.0.0.1:51234", nil, func() { tap.Accept(3, 0) }},
		{"accept(3, SOCK_NONBLOCK) = EAGAIN (nobody waits)", socket.ErrAgain, func() { tap.Accept(3, socket.NONBLOCK) }},
		{"connect(7, 127.0.0.1:1235) = EINPROGRESS (under way)", socket.ErrAgain, func() { tap.Connect(7, local) }},
		{"recv(7, 16384) = EAGAIN (nothing now)", socket.ErrAgain, func() { tap.Recv(7, buf, 0) }},
		{"recv(7, 16384) = ECONNRESET (" + syscall.ECONNRESET.Error() + ")", reset, func() { tap.Recv(7, buf, 0) }},
		{"recv(7, 16384, MSG_DONTWAIT) = 0 (the end: the peer sends no more)", nil, func() { tap.Recv(7, buf, socket.DONTWAIT) }},
		{"recvfrom(7, 16384) = 0 from 127.0.0.1:51234", nil, func() { tap.Recvfrom(7, buf, 0) }},
		{"send(7, 5, MSG_MORE) = 5", nil, func() { tap.Send(7, []byte("Hello"), socket.MORE) }},
		{"send(7, 5) = EAGAIN (no room now)", socket.ErrAgain, func() { tap.Send(7, []byte("Hello"), 0) }},
		{"sendto(7, 5, 127.0.0.1:1235) = 5", nil, func() { tap.Sendto(7, []byte("Hello"), 0, local) }},
		{"sendfile(7, 9, 100, 4096) = 4096", nil, func() { tap.Sendfile(7, 9, 100, 4096) }},
		{"shutdown(7, SHUT_WR) = 0", nil, func() { tap.Shutdown(7, socket.SHUT_WR) }},
		{"getsockname(7) = 127.0.0.1:51234", nil, func() { tap.Getsockname(7) }},
		{"getpeername(7) = 127.0.0.1:51234", nil, func() { tap.Getpeername(7) }},
		{"close(7) = 0", nil, func() { tap.Close(7) }},
	} {
		k.err = c.err
		c.call()
		if got := last.Verb.String() + "(" + last.Args + ") = " + last.Result; got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		wantErr := c.err
		if wantErr == socket.ErrAgain {
			wantErr = nil // "nothing now" is not something that went wrong
		}
		if last.Err != wantErr {
			t.Errorf("%s: Err = %v, want %v", c.want, last.Err, wantErr)
		}
		if last.Time.IsZero() || last.Took < 0 {
			t.Errorf("%s: began %v, took %v", c.want, last.Time, last.Took)
		}
	}
}

func TestTapCountsEachDirection(t *testing.T) {
	k := newScript()
	k.input = "GET / HTTP/1.1\r\n\r\n"
	tap, last := tapped(k, 100)
	fd, _, _ := tap.Accept(3, 0)
	want := func(verb Verb, off int64, n int, data string) {
		t.Helper()
		if last.Verb != verb || last.Off != off || last.Len != n || string(last.Data) != data {
			t.Errorf("got %v %d+%d %q, want %v %d+%d %q", last.Verb, last.Off, last.Len, last.Data, verb, off, n, data)
		}
		if last.Conn != 1 || last.FD != fd {
			t.Errorf("%v: connection %d, fd %d; want 1, %d", verb, last.Conn, last.FD, fd)
		}
	}
	want(Accept, 0, 0, "")
	buf := make([]byte, 10)
	tap.Recv(fd, buf, socket.PEEK)
	want(Recv, 0, 10, "GET / HTTP")
	tap.Recv(fd, buf, 0) // what was only looked at does not count
	want(Recv, 0, 10, "GET / HTTP")
	tap.Recv(fd, buf, 0)
	want(Recv, 10, 8, "/1.1\r\n\r\n")
	k.room = 3 // the kernel takes less than it was offered
	tap.Send(fd, []byte("HTTP"), 0)
	want(Send, 0, 3, "HTT")
	tap.Sendfile(fd, 9, 0, 100)
	want(Sendfile, 3, 3, "")
	if r, s := tap.Offsets(fd); r != 18 || s != 6 {
		t.Errorf("offsets %d, %d; want 18 received, 6 sent", r, s)
	}
}

// A call that fails with n == -1, as a kernel may have it, moves nothing back.
func TestTapIgnoresNegativeCounts(t *testing.T) {
	k := newScript()
	k.room, k.err = -1, socket.ErrAgain
	tap, last := tapped(k, 100)
	tap.meet(7)
	tap.Send(7, []byte("Hello"), 0)
	if _, sent := tap.Offsets(7); sent != 0 || last.Len != 0 || last.Data != nil {
		t.Errorf("sent %d, len %d, data %q after a refusal", sent, last.Len, last.Data)
	}
}

func TestTapCopiesBytes(t *testing.T) {
	k := newScript()
	k.input = "secret"
	tap, last := tapped(k, 4)
	buf := make([]byte, 6)
	tap.Recv(7, buf, 0)
	clear(buf)
	if string(last.Data) != "secr" || last.Len != 6 {
		t.Errorf("data %q, len %d; want a copy of the first 4 of 6: the buffer is the caller's again", last.Data, last.Len)
	}
	tap, last = tapped(k, 0)
	tap.Send(7, []byte("abc"), 0)
	if last.Data != nil || last.Len != 3 {
		t.Errorf("data %q, len %d; nobody asked for bytes", last.Data, last.Len)
	}
}

func TestTapForgetsAtClose(t *testing.T) {
	k := newScript()
	k.input = "abc"
	tap, last := tapped(k, 0)
	fd, _, _ := tap.Accept(3, 0)
	tap.Recv(fd, make([]byte, 9), 0)
	// While the kernel closes, the descriptor may already be somebody else's:
	// that one must be a new connection, and stay.
	k.onClose = func(socket.FD) {
		if got := tap.ConnOf(fd); got != 0 {
			t.Errorf("the kernel's close sees connection %d: it must be forgotten before", got)
		}
		tap.Accept(3, 0)
	}
	tap.Close(fd)
	if last.Verb != Close || last.Conn != 1 {
		t.Errorf("close was reported as %v of connection %d, want of 1", last.Verb, last.Conn)
	}
	if got := tap.ConnOf(fd); got != 2 {
		t.Errorf("the descriptor's new owner is connection %d, want 2: numbers are not used again", got)
	}
	if r, s := tap.Offsets(fd); r != 0 || s != 0 {
		t.Errorf("the new connection begins at %d, %d", r, s)
	}
	k.onClose = nil
	tap.Close(fd)
	if len(tap.flows) != 0 {
		t.Errorf("%d flows kept after all was closed", len(tap.flows))
	}
}

// Connections of several goroutines are counted apart. To be run with -race.
func TestTapConcurrently(t *testing.T) {
	r := NewRing(Options{Events: 16, Bytes: 8})
	tap := NewTap(newScript(), r.Emit, r.WantBytes())
	var all sync.WaitGroup
	for fd := socket.FD(10); fd < 18; fd++ {
		all.Go(func() {
			for range 100 {
				tap.Connect(fd, socket.Addr{})
				for range 5 {
					tap.Send(fd, []byte("Hello"), 0)
				}
				if _, sent := tap.Offsets(fd); sent != 25 {
					t.Errorf("fd %d sent %d, want 25", fd, sent)
				}
				tap.Close(fd)
			}
		})
	}
	all.Wait()
	if n := tap.conns.Load(); n != 800 {
		t.Errorf("%d connections numbered, want 800", n)
	}
}

func TestUnixPeersHaveNoName(t *testing.T) {
	k := newScript()
	k.peer = socket.Unix("")
	tap, last := tapped(k, 0)
	tap.Accept(3, 0)
	if last.Result != "7 (no name)" || !strings.Contains(last.Note, "(unix)") {
		t.Errorf("result %q, note %q", last.Result, last.Note)
	}
}

// A stranger's error, without an errno, is said in its own words.
func TestErrorsWithoutErrno(t *testing.T) {
	k := newScript()
	k.err = ErrClosed
	tap, last := tapped(k, 0)
	tap.Close(7)
	if want := "error (" + ErrClosed.Error() + ")"; last.Result != want {
		t.Errorf("result %q, want %q", last.Result, want)
	}
}

// Every verb has a name of its own: the names are an interface (JSON).
func TestVerbNames(t *testing.T) {
	seen := make(map[string]Verb)
	for v := None; v < verbs; v++ {
		name := v.String()
		if other, twice := seen[name]; twice || name == "" || name == "unknown" {
			t.Errorf("verb %d is called %q, like %d", v, name, other)
		}
		seen[name] = v
	}
	if verbs.String() != "unknown" {
		t.Errorf("a verb that does not exist is called %q", verbs)
	}
}

func BenchmarkRecv(b *testing.B) {
	for _, c := range []struct {
		name   string
		kernel func() socket.Kernel
	}{
		{"bare", func() socket.Kernel { return forever{} }},
		{"tap", func() socket.Kernel {
			r := NewRing(Options{})
			return NewTap(forever{}, r.Emit, r.WantBytes())
		}},
		{"tap_bytes", func() socket.Kernel {
			r := NewRing(Options{Bytes: 4096})
			return NewTap(forever{}, r.Emit, r.WantBytes())
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			k := c.kernel()
			if tap, ok := k.(*Tap); ok {
				tap.meet(7)
			}
			buf := make([]byte, 4096)
			b.ReportAllocs()
			for b.Loop() {
				k.Recv(7, buf, 0)
			}
		})
	}
}

// forever always has 500 bytes.
type forever struct{ socket.Kernel }

func (forever) Recv(_ socket.FD, p []byte, _ socket.MsgFlag) (int, error) { return 500, nil }
