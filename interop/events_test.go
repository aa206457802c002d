package interop

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hub sends server-sent events to whoever listens.
type hub struct {
	mu        sync.Mutex
	listeners map[chan string]struct{}

	cancelled atomic.Int32 // handlers whose context ended
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	events := make(chan string, eventsEach)
	h.mu.Lock()
	h.listeners[events] = struct{}{}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, events)
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	rc := http.NewResponseController(w)
	rc.Flush()
	for {
		select {
		case e := <-events:
			fmt.Fprintf(w, "data: %s\n\n", e)
			if rc.Flush() != nil {
				return
			}
		case <-r.Context().Done():
			h.cancelled.Add(1)
			return
		}
	}
}

func (h *hub) listening() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners)
}

func (h *hub) say(e string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for events := range h.listeners {
		events <- e
	}
}

const (
	listeners  = 1000
	eventsEach = 5
)

// TestServerSentEvents tells a thousand clients five things, and has them all
// go away at once.
func TestServerSentEvents(t *testing.T) {
	onEach(t, func(t *testing.T, on hall) {
		h := &hub{listeners: map[chan string]struct{}{}}
		s := on.open(t, h)
		before := runtime.NumGoroutine()
		clients := make([]*listener, listeners)
		for i := range clients {
			clients[i] = listen(t, s)
		}
		until(t, "all handlers have begun", func() bool { return h.listening() == listeners })
		for i := range eventsEach {
			h.say(fmt.Sprint("event ", i))
		}
		for i, c := range clients {
			c.wantEvents(t, i)
		}
		for _, c := range clients {
			c.Close()
		}
		until(t, "every handler's context ends when its client has gone", func() bool { return h.cancelled.Load() == listeners })
		until(t, "every handler has returned", func() bool { return h.listening() == 0 })
		until(t, "their goroutines have gone, the server is still there", func() bool { return runtime.NumGoroutine() <= before+spare })
		// Who comes now is served as well.
		c := listen(t, s)
		defer c.Close()
		until(t, "a handler has begun", func() bool { return h.listening() == 1 })
		for i := range eventsEach {
			h.say(fmt.Sprint("event ", i))
		}
		c.wantEvents(t, 0)
	})
}

// spare is how many goroutines more than before the first client may stay
// while the server goes on: a loop keeps up to 64 that have nothing to do, for
// the next time, lets them go by and by, and has some more at work.
var spare = min(64*runtime.GOMAXPROCS(0)+20, listeners/2)

// listener is a client, without a goroutine of its own.
type listener struct {
	net.Conn
	in *bufio.Reader
}

func listen(t testing.TB, s *server) *listener {
	t.Helper()
	c, err := net.DialTimeout("tcp", s.address, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(2 * patience))
	if _, err := io.WriteString(c, "GET /events HTTP/1.1\r\nHost: example.com\r\nAccept: text/event-stream\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return &listener{c, bufio.NewReaderSize(c, 512)}
}

// wantEvents reads the head of the answer and the events.
func (c *listener) wantEvents(t testing.TB, number int) {
	t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	if err != nil || res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("client %d: %v, %v, want a stream of events", number, res, err)
	}
	want := ""
	for i := range eventsEach {
		want += fmt.Sprintf("data: event %d\n\n", i)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(res.Body, got); string(got) != want {
		t.Fatalf("client %d heard %q, %v, want %q", number, strings.TrimRight(string(got), "\x00"), err, want)
	}
}
