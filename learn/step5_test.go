package learn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/learn/step5"
	"github.com/genkan-http/genkan/socket"
)

func startFamilies(t *testing.T) *running {
	t.Helper()
	r := startOn(t, 5, socket.OS, freePort(t))
	if len(r.addrs) != 3 {
		t.Fatalf("step 5 listens at %v; want three addresses", r.addrs)
	}
	return r
}

func askAt(t *testing.T, network, address string) string {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET /test HTTP/1.1\r\nHost: localhost\r\n\r\n")
	answer, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestStep5OneAnswerThreeFamilies(t *testing.T) {
	r := startFamilies(t)
	path := r.addrs[2].Path
	want(t, askAt(t, "tcp4", fmt.Sprintf("127.0.0.1:%d", r.port())), hello, "INET")
	want(t, askAt(t, "tcp6", fmt.Sprintf("[::1]:%d", r.port())), hello, "INET6, at the same port")
	want(t, askAt(t, "unix", path), hello, "UNIX")
	for _, line := range []string{"127.0.0.1:%d <- 127.0.0.1:", "[::1]:%d <- [::1]:", "unix:/tmp/genkan-%d.sock <- unix:\n"} {
		if line = fmt.Sprintf(line, r.port()); !strings.Contains(r.out.String(), line) {
			t.Errorf("the step did not print who came to which door: %q is not in\n%s", line, r.out)
		}
	}
	r.stop()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("%s is still there after the end (%v): whoever made it removes it", path, err)
	}
}

func TestStep5ASilentClientBlocksItsOwnDoorAlone(t *testing.T) {
	r := startFamilies(t)
	r.dial("tcp") // and says nothing
	if r.isServed(notYet) {
		t.Error("the INET door serves two at once, which the text says it cannot")
	}
	want(t, askAt(t, "unix", r.addrs[2].Path), hello, "the other doors have goroutines of their own")
}

func TestStep5TakesAwayWhatAKilledServerLeft(t *testing.T) {
	needKernel(t)
	port := freePort(t)
	path := step5.Addresses(uint16(port))[2].Path
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close() // as a kill would: the file stays
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	r := startOn(t, 5, socket.OS, port)
	want(t, askAt(t, "unix", path), hello, "nobody listened there any more")
	r.stop()
}

func TestStep5LeavesTheFilesOfOthers(t *testing.T) {
	needKernel(t)
	for name, occupy := range map[string]func(path string) error{
		"a server that runs": func(path string) error {
			l, err := net.Listen("unix", path)
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		},
		"a file that is no socket": func(path string) error { return os.WriteFile(path, []byte("dear"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			port := freePort(t)
			path := step5.Addresses(uint16(port))[2].Path
			if err := occupy(path); err != nil {
				t.Fatal(err)
			}
			defer os.Remove(path)
			err := Steps()[5].Run(aWhile(t), socket.OS, RunOptions{Port: port})
			if err == nil || !strings.Contains(err.Error(), "--port") {
				t.Errorf("Run returned %v; want the refusal, and what to do", err)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("the file is gone: %v", err)
			}
		})
	}
}

// noINET6 is a machine without IPv6.
type noINET6 struct{ socket.Kernel }

func (k noINET6) Socket(family socket.Family, typ socket.Type) (socket.FD, error) {
	if family == socket.INET6 {
		return -1, &socket.Error{Call: "socket", Errno: syscall.EAFNOSUPPORT}
	}
	return k.Kernel.Socket(family, typ)
}

func TestStep5WithoutIPv6(t *testing.T) {
	r := startOn(t, 5, noINET6{socket.OS}, freePort(t))
	if len(r.addrs) != 2 || !strings.Contains(r.out.String(), "address family not supported") {
		t.Errorf("listening at %v, printed %q; want the other two doors, and the reason", r.addrs, r.out)
	}
}

// v6only remembers what each INET6 socket was told before it was bound.
type v6only struct {
	socket.Kernel
	told map[socket.FD]int
}

func (k v6only) Setsockopt(fd socket.FD, opt socket.Option, value int) error {
	if opt == socket.V6Only {
		k.told[fd] = value
	}
	return k.Kernel.Setsockopt(fd, opt, value)
}

func (k v6only) Bind(fd socket.FD, at socket.Addr) error {
	if at.Family == socket.INET6 && k.told[fd] != 1 {
		return errors.New("an INET6 socket is bound without IPV6_V6ONLY: whether it takes IPv4 depends on the system")
	}
	return k.Kernel.Bind(fd, at)
}

func TestStep5SaysV6Only(t *testing.T) {
	startOn(t, 5, v6only{socket.OS, map[socket.FD]int{}}, freePort(t))
}
