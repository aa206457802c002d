package learn

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// running is a step that has been started.
type running struct {
	t     *testing.T
	addrs []socket.Addr
	out   *buffer
	stop  func() // ends the step and fails the test if that takes too long
}

// start runs a step on a port of the kernel's choice until the test ends.
func start(t *testing.T, number int) *running {
	return startOn(t, number, socket.OS, anyPort(t, number))
}

// anyPort is 0, the kernel's choice, but for step 5: its file has the port in
// its name, and another run of this test must not find the same.
func anyPort(t *testing.T, number int) int {
	if number == 5 {
		return freePort(t)
	}
	return 0
}

func startOn(t *testing.T, number int, k socket.Kernel, port int) *running {
	t.Helper()
	needKernel(t)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, out: &buffer{}}
	ready := make(chan []socket.Addr, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- Steps()[number].Run(ctx, k, RunOptions{
			Port: port, Out: r.out, Lang: "en",
			Ready: func(a []socket.Addr) { ready <- a },
		})
	}()
	select {
	case r.addrs = <-ready:
	case err := <-ended:
		cancel()
		t.Fatalf("step %d ended before it was ready: %v", number, err)
	case <-time.After(patience):
		cancel()
		t.Fatalf("step %d was not ready after %v", number, patience)
	}
	r.stop = sync.OnceFunc(func() {
		t.Helper()
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("step %d, told to stop, returned %v; want nil", number, err)
			}
		case <-time.After(patience):
			t.Fatalf("step %d did not stop: a waiting call was not woken", number)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// aWhile is for a step that should refuse to run: if it runs, it ends.
func aWhile(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

// needKernel skips where package socket cannot ask the system.
func needKernel(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("socket.OS is not there on Windows; TestUnsupported has what happens instead")
	}
}

// port is the step's first port.
func (r *running) port() int {
	if len(r.addrs) == 0 {
		return 0
	}
	return int(r.addrs[0].IP.Port())
}

// dial connects to the step as any client does.
func (r *running) dial(network string) net.Conn {
	r.t.Helper()
	to := netip.AddrPortFrom(r.addrs[0].IP.Addr(), r.addrs[0].IP.Port()).String()
	c, err := net.Dial(network, to)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c
}

// ask sends a text and returns everything that comes back.
func (r *running) ask(text string) string {
	r.t.Helper()
	c := r.dial("tcp")
	if _, err := io.WriteString(c, text); err != nil {
		r.t.Fatal(err)
	}
	return r.rest(c)
}

// rest reads to the end and closes: the steps that read away what is left wait
// for the client's end before they serve the next.
func (r *running) rest(c net.Conn) string {
	r.t.Helper()
	defer c.Close()
	answer, err := io.ReadAll(c)
	if err != nil {
		r.t.Fatalf("reading the answer: %v (after %q)", err, answer)
	}
	return string(answer)
}

// isServed waits until the step answers, and reports whether it did.
func (r *running) isServed(within time.Duration) bool {
	c := r.dial("tcp")
	defer c.Close()
	io.WriteString(c, "GET /test HTTP/1.1\r\nHost: localhost\r\n\r\n")
	c.SetReadDeadline(time.Now().Add(within))
	answer, _ := io.ReadAll(c)
	return strings.HasSuffix(string(answer), "Hello")
}

// eventually waits until what must happen has happened.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if happened() {
			return
		}
	}
	t.Fatalf("waited %v in vain: %s", patience, what)
}

func want(t *testing.T, got, want, why string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q\nbecause %s", got, want, why)
	}
}

// descriptors is how many this process holds; -1 where one cannot see.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
