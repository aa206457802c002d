package genkan

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// takeable are the stages whose connections package net can take over.
func takeable() []stage {
	var some []stage
	for _, s := range stages() {
		if s.real {
			some = append(some, s)
		}
	}
	return append(some, stagePipe)
}

func onEachTakeable(t *testing.T, f func(t *testing.T, s stage)) {
	for _, s := range takeable() {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

// TestHijack: what a handler had before it took the connection, and what it
// then reads and writes, is in order and whole.
func TestHijack(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nDate: now\r\n\r\n"
	for _, c := range []struct {
		name, send string
		handler    func(http.ResponseWriter, *http.Request)
		want       string
		why        string
	}{
		{"nothing written", "GET /" + get + "\r\n", func(http.ResponseWriter, *http.Request) {}, "", "the answer is the handler's to write"},
		{"101", "GET /" + get + "Connection: Upgrade\r\nUpgrade: echo\r\n\r\n", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "echo")
			w.WriteHeader(101)
		}, switching, "the head leaves before the connection does"},
		{"flushed", "GET /" + get + "\r\n", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		}, ok("Content-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n"), "what was flushed has left"},
		{"early bytes", "GET /" + get + "\r\nearly ", func(http.ResponseWriter, *http.Request) {}, "early ", "what came behind the head is the handler's"},
		{"unread body", "POST /" + get + "Content-Length: 6\r\n\r\nunread", func(http.ResponseWriter, *http.Request) {}, "unread", "a body that was not read is the handler's"},
		{"half-read body", "POST /" + get + "Content-Length: 9\r\n\r\nhalf-read", func(w http.ResponseWriter, r *http.Request) {
			io.ReadFull(r.Body, make([]byte, 5))
		}, "read", "so is what is left of one"},
		{"body read in chunks", "POST /" + get + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nrest", func(w http.ResponseWriter, r *http.Request) {
			io.ReadAll(r.Body)
		}, "rest", "and what is behind it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			onEachTakeable(t, func(t *testing.T, s stage) {
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					c.handler(w, r)
					nc, rw, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					defer nc.Close()
					io.Copy(nc, rw)
				})
				v := h.visit()
				v.say(c.send)
				got := v.hear(wireLength(c.want))
				v.say("and on")
				if got += v.hear(6); got != c.want+"and on" {
					t.Errorf("got %q, want %q and then an echo: %s", got, c.want, c.why)
				}
				v.Close()
				h.wantClosed(http1.Hijacked, "for the server it ended there")
			})
		})
	}
}

// TestAfterHijack: the ResponseWriter is dead, the request's context and body
// leave the connection alone, and its addresses are still those it had.
func TestAfterHijack(t *testing.T) {
	onEachTakeable(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			ctx := r.Context()
			nc, rw, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			if _, _, err := w.(http.Hijacker).Hijack(); err != http.ErrHijacked {
				t.Errorf("a second Hijack gives %v, want http.ErrHijacked", err)
			}
			w.WriteHeader(500)
			if n, err := io.WriteString(w, strings.Repeat("x", 100_000)); n != 0 || err != http.ErrHijacked {
				t.Errorf("a write afterwards gives %d, %v, want http.ErrHijacked: the descriptor is not the server's", n, err)
			}
			if err := http.NewResponseController(w).Flush(); err != http.ErrHijacked {
				t.Errorf("Flush afterwards gives %v, want http.ErrHijacked", err)
			}
			if n, err := io.Copy(w, strings.NewReader("x")); n != 0 || err != http.ErrHijacked {
				t.Errorf("ReadFrom afterwards gives %d, %v, want http.ErrHijacked", n, err)
			}
			local, _ := ctx.Value(http.LocalAddrContextKey).(net.Addr)
			if local == nil || local.String() != nc.LocalAddr().String() {
				t.Errorf("the local address is %v for the context and %v for the connection", local, nc.LocalAddr())
			}
			// A watch over the peer would now take a byte that is the handler's.
			select {
			case <-ctx.Done():
				t.Error("the context ended although the handler goes on")
			case <-time.After(20 * time.Millisecond):
			}
			line, err := rw.ReadString('\n')
			if err != nil || line != "hello\n" {
				t.Errorf("read %q, %v", line, err)
			}
			rw.WriteString("heard " + line)
			rw.Flush()
		})
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		time.Sleep(5 * time.Millisecond) // so that the byte comes while nobody reads, mostly; no expectation depends on it
		v.say("hello\n")
		if got := v.hear(12); got != "heard hello\n" {
			t.Errorf("got %q", got)
		}
	})
}

// TestHijackAndShutdown: neither Shutdown nor Close knows of a connection that
// was taken, nor waits for its handler.
func TestHijackAndShutdown(t *testing.T) {
	onEachTakeable(t, func(t *testing.T, s stage) {
		for _, end := range []func(*hall) error{
			func(h *hall) error { return h.shutdown(patience) },
			func(h *hall) error { return h.srv.Close() },
		} {
			taken, over := make(chan bool), make(chan bool)
			h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
				defer close(over)
				nc, rw, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer nc.Close()
				close(taken)
				io.Copy(nc, rw)
			})
			v := h.visit()
			v.say("GET /" + get + "\r\n")
			<-taken
			if n := h.srv.Conns(); n != 0 {
				t.Errorf("%d connections are counted after the only one was taken", n)
			}
			if err := end(h); err != nil {
				t.Errorf("the end of the server: %v, want it not to wait for the handler", err)
			}
			v.say("still there")
			if got := v.hear(11); got != "still there" {
				t.Errorf("after the server's end %q came", got)
			}
			v.Close()
			<-over
		}
	})
}

// TestHijackAndLeave: however the handler ends, the connection it took stays
// open, for whom it gave it to.
func TestHijackAndLeave(t *testing.T) {
	for name, leave := range map[string]func(){
		"return": func() {}, "panic": func() { panic("after Hijack") }, "abort": func() { panic(http.ErrAbortHandler) }, "exit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			onEachTakeable(t, func(t *testing.T, s stage) {
				given := make(chan net.Conn, 1)
				h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
					nc, _, err := w.(http.Hijacker).Hijack()
					if err != nil {
						t.Error(err)
					}
					given <- nc
					leave()
				})
				v := h.visit()
				v.say("GET /" + get + "\r\n")
				nc := <-given
				defer nc.Close()
				h.wantClosed(http1.Hijacked, "for the server it has ended")
				go fmt.Fprint(nc, "later")
				if got := v.hear(5); got != "later" {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

// TestHijackTooLate: after the handler there is nothing to take.
func TestHijackTooLate(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		kept := make(chan http.ResponseWriter, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) { kept <- w })
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		v.answer("GET")
		if _, _, err := (<-kept).(http.Hijacker).Hijack(); err == nil {
			t.Error("Hijack after the handler's return succeeded")
		}
		v.say("GET /" + get + "\r\n")
		v.answer("GET")
	})
}

// TestHijackInMemory: where the kernel's descriptors are not the system's, the
// handler is told so.
func TestHijackInMemory(t *testing.T) {
	h := serve(t, stageMemory, func(w http.ResponseWriter, r *http.Request) {
		_, _, err := w.(http.Hijacker).Hijack()
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Hijack gives %v, want errors.ErrUnsupported", err)
		}
		io.WriteString(w, "no")
	})
	v := h.visit()
	v.say("GET /" + get + "\r\n")
	if _, got := v.answer("GET"); got != "no" {
		t.Errorf("the answer is %q", got)
	}
}

// TestCloseNotify: as http.CloseNotifier promises, and no more.
func TestCloseNotify(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		gone, kept := make(chan bool, 1), make(chan (<-chan bool), 1)
		waiting := make(chan bool)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			notify := w.(http.CloseNotifier).CloseNotify() //lint:ignore SA1019 that is what is tested
			if r.URL.Path == "/stay" {
				kept <- notify
				return
			}
			close(waiting)
			gone <- <-notify
		})
		v := h.visit()
		v.say("GET /stay" + get + "\r\n")
		v.answer("GET")
		v.say("GET /go" + get + "\r\n")
		<-waiting
		v.Close()
		select {
		case <-gone:
		case <-time.After(patience):
			t.Fatalf("the handler was not told\n%s", stacks())
		}
		select {
		case <-<-kept:
			t.Error("a handler that had returned was told of a client that went later")
		default:
		}
	})
}

// TestHijackWhileReading: a goroutine of the handler's that reads the body when
// the connection is taken is sent away.
func TestHijackWhileReading(t *testing.T) {
	onEachTakeable(t, func(t *testing.T, s stage) {
		taken := make(chan bool)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			read := make(chan error)
			go func() {
				_, err := r.Body.Read(make([]byte, 1))
				read <- err
			}()
			time.Sleep(2 * time.Millisecond) // the reader waits by now, mostly; both orders are right
			nc, rw, err := w.(http.Hijacker).Hijack()
			close(taken)
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			if err := <-read; err == nil {
				t.Error("the body's reader read")
			}
			io.Copy(nc, rw)
		})
		v := h.visit()
		v.say("POST /" + get + "Content-Length: 4\r\n\r\n")
		<-taken // what comes earlier may be the reader's
		v.say("body")
		if got := v.hear(4); got != "body" {
			t.Errorf("got %q", got)
		}
	})
}
