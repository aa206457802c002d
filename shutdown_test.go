package genkan

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

func (h *hall) shutdown(patience time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return h.srv.Shutdown(ctx)
}

// TestShutdownIdle: what rests is closed at once.
func TestShutdownIdle(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		v.hear(wireLength(hello))
		if err := h.shutdown(patience); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if rest := v.hear(-1); rest != "" {
			t.Errorf("an idle connection was told %q", rest)
		}
		h.wantClosed(http1.ServerShutdown, "")
		if n := h.srv.Conns(); n != 0 {
			t.Errorf("%d connections after Shutdown", n)
		}
		if err := h.shutdown(patience); err != nil {
			t.Errorf("a second Shutdown: %v", err)
		}
		if _, err := h.dial(); s.real && err == nil {
			t.Error("somebody still listens after Shutdown")
		}
	})
}

// TestShutdownBusy: what is being answered is answered, with Connection:
// close; Shutdown waits for it, but not longer than its context.
func TestShutdownBusy(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		entered, release := make(chan bool), make(chan bool)
		var told atomic.Bool
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			entered <- true
			<-release
			at(w, r)
		})
		h.srv.RegisterOnShutdown(func() { told.Store(true) })
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		<-entered
		if err := h.shutdown(20 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown while a handler works: %v, want its context's error", err)
		}
		done := make(chan error, 1)
		go func() { done <- h.shutdown(patience) }()
		select {
		case err := <-done:
			t.Fatalf("Shutdown did not wait for the handler: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		close(release)
		want := ok("Content-Length: 6\r\n"+text+"Connection: close\r\n", "hello\n")
		if got := v.hear(-1); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		v.Close()
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		h.wantClosed(http1.ServerShutdown, "")
		if !told.Load() {
			t.Error("RegisterOnShutdown's function was not called")
		}
	})
}

// TestShutdownWithNewConnection: who came just before and has not asked yet is
// still answered.
func TestShutdownWithNewConnection(t *testing.T) {
	onEachBubbled(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		v := h.visit()
		until(t, "accepted", func() bool { return h.srv.Conns() == 1 })
		done := make(chan error, 1)
		go func() { done <- h.shutdown(patience) }()
		time.Sleep(newConnGrace - time.Second)
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(-1); !strings.HasSuffix(got, "Connection: close\r\n\r\nhello\n") {
			t.Errorf("got %q", got)
		}
		v.Close()
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// TestClose cuts everybody, and does not wait.
func TestClose(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		entered := make(chan bool)
		ended := make(chan error, 1)
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			entered <- true
			_, err := io.Copy(io.Discard, r.Body)
			ended <- err
		})
		idle, busy := h.visit(), h.visit()
		busy.say("POST /" + get + "Content-Length: 9\r\n\r\n")
		<-entered
		if err := h.srv.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := idle.hear(-1) + busy.hear(-1); got != "" {
			t.Errorf("the clients were told %q", got)
		}
		if err := <-ended; err == nil {
			t.Error("the handler read a whole body from a connection that was cut")
		}
		for range 2 {
			h.wantClosed(http1.ServerClosed, "")
		}
	})
}

// TestServeAfterShutdown: http.ErrServerClosed, and the listener is closed.
func TestServeAfterShutdown(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		for _, used := range []bool{false, true} {
			h := serve(t, s, at)
			if used {
				v := h.visit()
				v.say("GET /hello" + get + "\r\n")
				v.hear(wireLength(hello))
			}
			if err := h.shutdown(patience); err != nil {
				t.Fatal(err)
			}
			l, dial := s.raise(t, h.srv)
			if err := h.srv.Serve(l); err != http.ErrServerClosed {
				t.Errorf("Serve after Shutdown: %v, want http.ErrServerClosed", err)
			}
			if s.real {
				if c, err := dial(); err == nil {
					c.Close()
					t.Error("the listener given to Serve after Shutdown is still open")
				}
			}
		}
	})
}

// TestTwoListeners: one server, two places; the end of one is not the other's.
func TestTwoListeners(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		if !s.real {
			return // a second kernel would not be this server's
		}
		h := serve(t, s, at)
		l, dial := s.raise(t, h.srv)
		served := make(chan error, 1)
		go func() { served <- s.run(h.srv, l) }()
		c, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		l.Close()
		if err := <-served; err == nil || err == http.ErrServerClosed {
			t.Errorf("Serve of a listener that its owner closed: %v, want an error that says so", err)
		}
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("the other listener gave %q", got)
		}
	})
}

// TestManyExits: handlers that end their goroutine do not use the server up.
func TestManyExits(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, at)
		for i := range 300 {
			v := h.visit()
			v.say([]string{"GET /exit", "GET /panic", "GET /abort"}[i%3] + get + "\r\n")
			if got := v.hear(-1); got != "" {
				t.Fatalf("number %d got %q", i, got)
			}
			v.Close()
		}
		v := h.visit()
		v.say("GET /hello" + get + "\r\n")
		if got := v.hear(wireLength(hello)); got != hello {
			t.Errorf("after 300 of them: %q", got)
		}
	})
}

// TestHandlersThatNeverReturn: more of them than there are processors, and the
// others are served. (They return when the test ends, so as to leave nothing.)
func TestHandlersThatNeverReturn(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		release := make(chan bool)
		var stuck atomic.Int32
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/never" {
				at(w, r)
				return
			}
			stuck.Add(1)
			<-release
			if r.URL.RawQuery == "exit" {
				runtime.Goexit()
			}
		})
		n := int32(4*runtime.GOMAXPROCS(0) + 3)
		for i := range n {
			v := h.visit()
			v.say("GET /never" + []string{"", "?exit"}[i%2] + get + "\r\n")
		}
		until(t, "all of them are inside", func() bool { return stuck.Load() == n })
		began := time.Now()
		v := h.visit()
		for range 20 {
			v.say("GET /hello" + get + "\r\n")
			if got := v.hear(wireLength(hello)); got != hello {
				t.Fatalf("beside them: %q", got)
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("20 requests beside them took %v", took)
		}
		if err := h.shutdown(50 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want its context's error", err)
		}
		close(release)
	})
}

// TestExitBehindQueuedAnswers: a handler ends its goroutine while earlier
// answers still wait for a client that does not read. They reach it when it
// does, and everybody else is served meanwhile.
func TestExitBehindQueuedAnswers(t *testing.T) {
	h := serve(t, stageMemory, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/9" {
			runtime.Goexit()
		}
		at(w, r)
	})
	for range 3 { // /8k and /9 are of one kind, by their digits: known to be quick from now on
		v := h.visit()
		v.say("GET /8k" + get + "Connection: close\r\n\r\n")
		v.hear(-1)
		v.Close()
	}
	want := strings.Repeat(ok("Content-Length: 8192\r\n"+text, strings.Repeat("a", 8192)), 3)
	var slow []*visitor
	for range 4 {
		v := h.visit()
		v.Conn.(memoryConn).SetRecvBuffer(100)
		v.say(strings.Repeat("GET /8k"+get+"\r\n", 3) + "GET /9" + get + "\r\n")
		slow = append(slow, v)
	}
	// Some looks of the watchman at nobody's handler: one baton may not be
	// given twice.
	time.Sleep(10 * time.Millisecond)
	var all sync.WaitGroup
	for range 8 {
		beside := h.visit()
		all.Go(func() {
			for range 50 {
				beside.say("GET /hello" + get + "\r\n")
				if got := beside.hear(wireLength(hello)); got != hello {
					t.Errorf("beside them: %q", got)
					return
				}
			}
		})
	}
	all.Wait()
	for _, v := range slow {
		if got := v.hear(-1); got != want {
			t.Errorf("got %d bytes, want %d", len(got), len(want))
		}
		v.Close()
	}
}
