//go:build unix

package genkan

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/socket"
)

// TestInheritedSocketIsKept: a socket that somebody else holds is served, and
// left as it was: its path stays, and nobody knocks at it.
func TestInheritedSocketIsKept(t *testing.T) {
	if !loop.Supported {
		t.Skip("package net takes the socket over here")
	}
	path := filepath.Join(t.TempDir(), "s")
	theirs, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	raw, err := theirs.(*net.UnixListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fd := -1
	raw.Control(func(original uintptr) { fd, err = unix.Dup(int(original)) })
	if err != nil {
		t.Fatal(err)
	}
	s := stage{name: "inherited", real: true, raise: func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		l, err := srv.Listen(socket.Endpoint{Inherited: socket.FD(fd)})
		if err != nil {
			t.Fatal(err)
		}
		return l, dialer("unix", path)
	}}
	h := serve(t, s, at)
	v := h.visit()
	v.say("GET /hello" + get + "\r\n")
	if got := v.hear(wireLength(hello)); got != hello {
		t.Errorf("answered %q, want %q", got, hello)
	}
	h.srv.Close()
	until(t, "the descriptor is given back", func() bool {
		_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		return err != nil
	})
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the path of somebody else's socket is gone: %v", err)
	}
	theirs.(*net.UnixListener).SetDeadline(time.Now().Add(50 * time.Millisecond))
	if c, err := theirs.Accept(); err == nil {
		c.Close()
		t.Error("a connection waits for the socket's owner: it would start the server again")
	}
}
