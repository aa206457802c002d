package loop

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// hogServer is the variable that makes a process of this test the server.
const hogServer = "LOOP_TEST_HOG_SERVER"

// TestComputingHandlerAfterRest: on one processor a handler that computes, the
// first after a rest, must not keep it until the end: the scheduler's monitor
// sleeps too, and has to be woken. The server is a process of its own, because
// a client's system calls would wake the monitor of theirs.
func TestComputingHandlerAfterRest(t *testing.T) {
	if os.Getenv(hogServer) != "" {
		serveHog(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestComputingHandlerAfterRest$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), hogServer+"=1", "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer stdin.Close()
	said := bufio.NewScanner(stdout)
	address := next(t, said)
	hog, other := dialReal(t, address), dialReal(t, address)
	say(t, hog, "q")
	say(t, other, "q")
	// A machine with other work may take as long by itself, but not each time.
	quickest := map[string]time.Duration{"new": time.Hour, "known to block": time.Hour}
	for _, letter := range "cde" {
		for _, what := range []string{"new", "known to block"} {
			fmt.Fprintln(stdin) // ask for the watchman's sleep
			next(t, said)
			time.Sleep(30 * time.Millisecond) // the monitor looks once more, up to 10 ms later; it cannot be asked
			if _, err := io.WriteString(hog, string(letter)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Millisecond) // the computing has begun, or begins now: either way it is first
			began := time.Now()
			say(t, other, "q")
			quickest[what] = min(quickest[what], time.Since(began))
			if _, err := io.ReadFull(hog, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for what, took := range quickest {
		if took > hogs/2 {
			t.Errorf("beside a handler that is %s and computes for %v, the quickest answer took %v: slices of 10 ms are the scheduler's", what, hogs, took)
		}
	}
}

func next(t *testing.T, said *bufio.Scanner) string {
	t.Helper()
	if !said.Scan() {
		t.Fatalf("the server ended: %v", said.Err())
	}
	return said.Text()
}

func dialReal(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

func say(t *testing.T, c net.Conn, letter string) {
	t.Helper()
	got := make([]byte, 1)
	_, err := io.WriteString(c, letter)
	if err == nil {
		_, err = io.ReadFull(c, got)
	}
	if err != nil || string(got) != letter {
		t.Fatalf("said %q, heard %q, %v", letter, got, err)
	}
}

// serveHog is the server: it says where it listens, and to each line on its
// input when the watchman has gone to sleep. It ends with its input.
func serveHog(t *testing.T) {
	h := &house{t: t, rest: time.Hour, size: 1}
	var err error
	if h.group, err = New(Options{Loops: 1, Kernel: socket.OS}); err != nil {
		t.Fatal(err)
	}
	e := socket.Endpoint{Addr: socket.TCP(netip.MustParseAddrPort("127.0.0.1:0")), Inherited: -1}
	fd, addr, err := socket.Open(socket.OS, e, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.group.Listen(fd, func(fd socket.FD, _ socket.Addr) {
		c := &letters{house: h}
		if err := h.group.Add(&c.Conn, fd, c, 0); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	fmt.Println(strings.TrimSpace(addr.String()))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		eventually(t, "the watchman sleeps", h.group.watchman.asleep.Load)
		fmt.Println("asleep")
	}
	os.Exit(0)
}
