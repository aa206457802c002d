package genkan

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket/sockettest"
)

// What the server answers has no Date here, so that answers are equal bytes.
func faultHandler(file string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		switch r.URL.Path {
		case "/flush":
			for _, s := range []string{"one", "two", "three"} {
				io.WriteString(w, s)
				http.NewResponseController(w).Flush()
			}
		case "/large":
			io.WriteString(w, strings.Repeat("0123456789abcdef", 20<<10))
		case "/file":
			http.ServeFile(w, r, file)
		case "/echo":
			w.Header().Set("Trailer", "Length")
			n, err := io.Copy(w, r.Body)
			w.Header().Set("Length", fmt.Sprint(n, err))
		case "/count": // the pieces in which a large body comes are nobody's promise
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, n, " bytes")
		default:
			io.WriteString(w, "Hello")
		}
	}
}

const lastRequest = "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

// faultScenarios are what a client says. Each ends the connection.
var faultScenarios = []struct{ name, say string }{
	{"kept alive", "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n" + lastRequest},
	{"HEAD", "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + lastRequest},
	{"length", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + lastRequest},
	{"chunks", "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + lastRequest},
	{"body not read", "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + lastRequest},
	{"flushed", "GET /flush HTTP/1.1\r\nHost: h\r\n\r\n" + lastRequest},
	{"large", "GET /large HTTP/1.1\r\nHost: h\r\n\r\n" + lastRequest},
	{"until close", "GET /flush HTTP/1.0\r\n\r\n"},
	{"file", "GET /file HTTP/1.1\r\nHost: h\r\n\r\n" + lastRequest},
	{"large body", "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("z", 100000) + lastRequest},
}

// faultKinds are what a call does instead. whole: the client notices nothing.
var faultKinds = []struct {
	name  string
	fault sockettest.Fault
	whole bool
}{
	{"EINTR", sockettest.Fault{Err: syscall.EINTR}, false},
	{"EAGAIN", sockettest.Fault{Err: syscall.EAGAIN}, false},
	{"a byte", sockettest.Fault{Short: 1}, true},
	{"ECONNRESET", sockettest.Fault{Err: syscall.ECONNRESET}, false},
	{"EPIPE", sockettest.Fault{Err: syscall.EPIPE}, false},
	{"EMFILE", sockettest.Fault{Err: syscall.EMFILE}, false},
	{"ENFILE", sockettest.Fault{Err: syscall.ENFILE}, false},
	{"ENOMEM", sockettest.Fault{Err: syscall.ENOMEM}, false},
	{"ENOBUFS", sockettest.Fault{Err: syscall.ENOBUFS}, false},
	{"ECONNABORTED", sockettest.Fault{Err: syscall.ECONNABORTED}, false},
}

// TestEveryCallFails holds conversations on a kernel in memory in which the
// n-th call of the server's fails, for every n until none is left to fail.
// Whatever fails: what the client gets is the right answer or the beginning of
// it (nothing is sent twice), the server does not go in circles, the next
// client is served, and no descriptor is left (stageMemory sees to that).
func TestEveryCallFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(file, []byte(strings.Repeat("file\n", 20<<10)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, scenario := range faultScenarios {
		for _, kind := range faultKinds {
			t.Run(scenario.name+"/"+kind.name, func(t *testing.T) {
				h := serve(t, stageMemory, faultHandler(file))
				k := h.srv.Kernel.(*sockettest.Kernel)
				talk := func(say string) string {
					v := h.visit()
					defer v.Close()
					go v.say(say)
					return v.hear(-1)
				}
				settled := func() { until(t, "no connection is left", func() bool { return h.srv.Conns() == 0 }) }
				want := talk(scenario.say)
				settled()
				wantLast := talk(lastRequest)
				settled()
				usual := k.Calls("")
				for n := 1; ; n++ {
					before := k.Calls("")
					fault := kind.fault
					fault.N = before + n
					k.Fault(fault)
					got := talk(scenario.say)
					settled()
					calls := k.Calls("") - before
					k.ClearFaults()
					if !strings.HasPrefix(want, got) || kind.whole && got != want {
						t.Fatalf("call %d of %d failed, and the client got %d bytes that are not the answer's %d: …%q",
							n, calls, len(got), len(want), clipped([]byte(got)))
					}
					if calls > 3*usual+200 {
						t.Fatalf("call %d failed, and %d more followed: the server goes in circles", n, calls)
					}
					if next := talk(lastRequest); next != wantLast {
						t.Fatalf("after call %d had failed the next client got %q", n, next)
					}
					settled()
					if calls < n {
						if got != want {
							t.Errorf("no call failed, and the answer is not whole")
						}
						return
					}
				}
			})
		}
	}
}
