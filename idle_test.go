package genkan

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/loop"
)

// idleMany is how many connections TestManyIdle opens. Their clients live in a
// second process, so that this one has a descriptor for each and the limit
// that is common, 20,000, is enough for both ends.
const idleMany = 10_000

// crowdEnv makes the test binary the second process: the address to dial.
const crowdEnv = "GENKAN_TEST_CROWD"

func TestMain(m *testing.M) {
	if addr := os.Getenv(crowdEnv); addr != "" {
		if err := crowd(addr, idleMany); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crowd opens n connections, asks once on each, and says so; it reads them
// until the server ends them, and says so.
func crowd(addr string, n int) error {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if _, err := io.WriteString(c, "GET /hello"+get+"\r\n"); err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
		conns[i] = c
	}
	answer := make([]byte, wireLength(hello))
	for i, c := range conns {
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.ReadFull(c, answer); err != nil {
			return fmt.Errorf("answer %d: %w", i, err)
		}
	}
	fmt.Println("open")
	for i, c := range conns {
		c.SetReadDeadline(time.Now().Add(30 * time.Second))
		if n, err := c.Read(answer); n != 0 || err != io.EOF {
			return fmt.Errorf("the end of connection %d: %d bytes, %v", i, n, err)
		}
	}
	fmt.Println("ended")
	return nil
}

// TestManyIdle: ten thousand connections that rest cost no goroutine, stay
// open while others are served, and go away at the idle limit.
func TestManyIdle(t *testing.T) {
	if !loop.Supported {
		t.Skip("without a loop each connection has a goroutine")
	}
	const idle = 4 * time.Second
	h := serve(t, stageTCP, at, func(srv *Server) {
		srv.IdleTimeout = idle
		srv.MaxConns = idleMany + 100
		srv.Watch = nil // a ring of what ten thousand do says nothing
	})
	goroutines, memory := runtime.NumGoroutine(), heap()

	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	clients := exec.Command(program)
	clients.Env = append(os.Environ(), crowdEnv+"="+h.addr())
	clients.Stderr = os.Stderr
	out, err := clients.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := clients.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	expect := func(word string) {
		t.Helper()
		if !said.Scan() || said.Text() != word {
			clients.Process.Kill()
			t.Fatalf("the clients said %q, want %q", said.Text(), word)
		}
	}
	expect("open")
	open := time.Now()

	if n := h.srv.Conns(); n != idleMany {
		t.Errorf("%d connections are open, want %d", n, idleMany)
	}
	until(t, "goroutines are as many as before, and a few of the runners that wait for work", func() bool {
		return runtime.NumGoroutine() <= goroutines+16*runtime.GOMAXPROCS(0)
	})
	t.Logf("%d bytes of heap for each of %d idle connections, %d goroutines more", (heap()-memory)/idleMany, idleMany, runtime.NumGoroutine()-goroutines)

	v := h.visit()
	for range 200 {
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Fatalf("beside them: %q", got)
		}
	}
	v.Close()
	expect("ended")
	if took := time.Since(open); took > idle+5*time.Second {
		t.Errorf("the last one went %v after the last answer, want about %v", took, idle)
	}
	until(t, "all are gone", func() bool { return h.srv.Conns() == 0 })
	if err := clients.Wait(); err != nil {
		t.Error(err)
	}
}

// addr is where the hall listens.
func (h *hall) addr() string {
	c, err := h.dial()
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	return c.RemoteAddr().String()
}

// BenchmarkIdle reports what an idle connection costs, both ends in this process.
func BenchmarkIdle(b *testing.B) {
	const n = 2000
	for _, s := range []stage{stageTCP, stageDirect} {
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				h := serve(b, s, at, func(srv *Server) { srv.Watch = nil })
				memory, goroutines := heap(), runtime.NumGoroutine()
				conns := make([]net.Conn, n)
				for i := range conns {
					c, err := h.dial()
					if err != nil {
						b.Fatal(err)
					}
					defer c.Close()
					conns[i] = c
				}
				answer := make([]byte, wireLength(hello))
				for _, c := range conns {
					io.WriteString(c, "GET /hello"+get+"\r\n")
					if _, err := io.ReadFull(c, answer); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
						b.Fatalf("%q, %v", answer, err)
					}
				}
				b.ReportMetric(float64(heap()-memory)/n, "B/conn")
				b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/n, "goroutines/conn")
			}
		})
	}
}

// A connection at rest is its conn and a few words in tables. 320 bytes is a
// size class of the allocator's: a conn of one byte more would cost 352, and in
// memory that it shares with the header maps of answers, which then cannot be
// given back (measured: 630 bytes each instead of 430).
func TestConnSize(t *testing.T) {
	if size := reflect.TypeFor[conn]().Size(); size > 320 {
		t.Errorf("a conn has %d bytes, more than 320: what it needs only in a turn belongs into work", size)
	}
}
