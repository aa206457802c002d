package learn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// TestStopsAtOnce stops each step while it waits, alone and with a client that
// says nothing, and wants every descriptor and goroutine back. It does so with
// what stop does on Linux, and with what it does elsewhere as well.
func TestStopsAtOnce(t *testing.T) {
	needKernel(t)
	for _, s := range Steps() {
		for _, silent := range []bool{false, true} {
			before, goroutines := descriptors(), runtime.NumGoroutine()
			r := start(t, s.Number)
			if silent && len(r.addrs) > 0 && s.Number != 6 {
				c := r.dial("tcp")
				io.WriteString(c, "GET /te") // and no more
				defer c.Close()
			}
			began := time.Now()
			r.stop()
			if took := time.Since(began); took > time.Second {
				t.Errorf("step %d took %v to stop", s.Number, took)
			}
			if silent {
				continue // the client's own descriptor is still open
			}
			eventually(t, fmt.Sprintf("step %d gives every descriptor and goroutine back", s.Number), func() bool {
				return descriptors() <= before && runtime.NumGoroutine() <= goroutines
			})
		}
	}
}

// deaf is a kernel in which shutdown wakes nobody who waits for a client, as
// on systems other than Linux.
type deaf struct{ socket.Kernel }

func (k deaf) Shutdown(fd socket.FD, how socket.How) error {
	if _, err := k.Kernel.Getpeername(fd); err != nil {
		return &socket.Error{Call: "shutdown", FD: fd, Errno: syscall.ENOTCONN}
	}
	return k.Kernel.Shutdown(fd, how)
}

func TestKnockWakesWhereShutdownDoesNot(t *testing.T) {
	needKernel(t)
	for n := 1; n <= 6; n++ {
		port := anyPort(t, n)
		before := descriptors()
		ready := make(chan []socket.Addr, 1)
		stop := newStopper(deaf{socket.OS}, deaf{socket.OS}, func(a []socket.Addr) { ready <- a })
		stop.knock = true
		ended := make(chan error, 1)
		go func() { ended <- Steps()[n].serve(stop, uint16(port), io.Discard, nil) }()
		select {
		case <-ready:
		case err := <-ended:
			t.Fatalf("step %d: %v", n, err)
		}
		stop.stop()
		select {
		case err := <-ended:
			if !errors.Is(err, errStopped) {
				t.Errorf("step %d ended with %v; want errStopped", n, err)
			}
		case <-time.After(patience):
			t.Fatalf("step %d was not woken", n)
		}
		stop.release()
		if now := descriptors(); now > before {
			t.Errorf("step %d left %d descriptors", n, now-before)
		}
	}
}

// TestStopAtAnyMoment ends the context at every moment of the beginning.
func TestStopAtAnyMoment(t *testing.T) {
	needKernel(t)
	before := descriptors()
	for n := range Steps() {
		port := anyPort(t, n)
		for i := range 40 {
			ctx, cancel := context.WithCancel(context.Background())
			go func() {
				for range i * 50 {
					runtime.Gosched()
				}
				cancel()
			}()
			if err := Steps()[n].Run(ctx, socket.OS, RunOptions{Port: port}); err != nil {
				t.Fatalf("step %d: %v", n, err)
			}
			cancel()
		}
	}
	if now := descriptors(); now > before {
		t.Errorf("%d descriptors were left", now-before)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	needKernel(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	for n := 1; n <= 5; n++ {
		for lang, words := range map[string]string{"en": "is taken", "ja": "使用中"} {
			err := Steps()[n].Run(aWhile(t), socket.OS, RunOptions{Port: port, Lang: lang})
			if !errors.Is(err, syscall.EADDRINUSE) {
				t.Fatalf("step %d: %v; want EADDRINUSE", n, err)
			}
			for _, part := range []string{fmt.Sprint("bind 127.0.0.1:", port), words, fmt.Sprintf("genkan learn %d --port %d", n, port+1)} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("step %d, %s: %q is not in %q", n, lang, part, err)
				}
			}
		}
	}
}

func TestAPortThatIsNone(t *testing.T) {
	for _, port := range []int{-1, 65536} {
		if err := Steps()[1].Run(aWhile(t), socket.OS, RunOptions{Port: port}); err == nil || !strings.Contains(err.Error(), "--port") {
			t.Errorf("port %d: %v; want what to do about it", port, err)
		}
	}
}

// nowhere is a system without socket.OS.
type nowhere struct{ socket.Kernel }

func (nowhere) Socket(socket.Family, socket.Type) (socket.FD, error) {
	return -1, &socket.Error{Call: "socket", Errno: errors.ErrUnsupported}
}

func TestUnsupported(t *testing.T) {
	for n := range Steps() {
		err := Steps()[n].Run(aWhile(t), nowhere{}, RunOptions{})
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), fmt.Sprintf("wsl genkan learn %d", n)) {
			t.Errorf("step %d: %v; want the way through WSL", n, err)
		}
	}
}
