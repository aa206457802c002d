//go:build unix

package socket_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/socket"
)

// TestListenFDsOfAChild starts a process with two listening sockets, as systemd
// does, and talks to it over both.
func TestListenFDsOfAChild(t *testing.T) {
	if os.Getenv("SOCKET_TEST_CHILD") != "" {
		answerInherited()
		return
	}
	tcpListener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcpListener.Close()
	path := filepath.Join(t.TempDir(), "s")
	unixListener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer unixListener.Close()

	// The shell knows the process ID before the program that keeps it starts.
	child := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" -test.run='^TestListenFDsOfAChild$'`, os.Args[0])
	child.Env = append(os.Environ(), "SOCKET_TEST_CHILD=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=web:local")
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	for _, l := range []interface{ File() (*os.File, error) }{tcpListener.(*net.TCPListener), unixListener.(*net.UnixListener)} {
		f, err := l.File() // in blocking mode, which the child has to change
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		child.ExtraFiles = append(child.ExtraFiles, f)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ network, address, want string }{
		{"tcp", tcpListener.Addr().String(), "web " + tcpListener.Addr().String()},
		{"unix", path, "local unix:" + path},
	} {
		conn, err := net.Dial(c.network, c.address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		if got, err := io.ReadAll(conn); string(got) != c.want {
			t.Errorf("the child says %q, %v, want %q", got, err, c.want)
		}
		conn.Close()
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the child: %v\n%s", err, said.Bytes())
	}
}

// answerInherited is the child: it tells each first visitor whither he came.
func answerInherited() {
	fail := func(err error) {
		fmt.Println(err)
		os.Exit(1)
	}
	endpoints, err := socket.InheritedEndpoints(os.Getenv, os.Getpid)
	if err != nil {
		fail(err)
	}
	for _, e := range endpoints {
		fd, addr, err := socket.Open(socket.OS, e, 0)
		if err != nil {
			fail(err)
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			fail(fmt.Errorf("descriptor %d would be inherited further, %v", fd, err))
		}
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			conn, _, err := socket.OS.Accept(fd, 0)
			if err == socket.ErrAgain && time.Now().Before(deadline) {
				continue
			}
			if err != nil {
				fail(err)
			}
			if _, err := socket.OS.Send(conn, []byte(e.Name+" "+addr.String()), 0); err != nil {
				fail(err)
			}
			socket.OS.Close(conn)
			break
		}
	}
}
