package genkantest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/trace"
)

const greeting = "welcome"

var greet = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, greeting) })

// wantGreeting asks for url and wants the greeting.
func wantGreeting(t *testing.T, c *http.Client, url string) {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != greeting || err != nil {
		t.Errorf("%s answered %q, %v, want %q", url, body, err, greeting)
	}
}

// wantGoroutines polls until no more than n are left.
func wantGoroutines(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, want %d: a server that was closed leaves none\n%s",
				runtime.NumGoroutine(), n, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestServer(t *testing.T) {
	before := runtime.NumGoroutine()
	ts := NewServer(greet)
	wantGreeting(t, ts.Client(), ts.URL)
	wantGreeting(t, http.DefaultClient, ts.URL)
	wantGreeting(t, ts.Client(), "http://example.com/")
	wantGreeting(t, ts.Client(), "http://deep.below.example.com/")
	ts.Close()
	ts.Close() // twice is harmless, as in httptest
	wantGoroutines(t, before)
	if res, err := ts.Client().Get(ts.URL); err == nil {
		res.Body.Close()
		t.Error("a closed server still answers")
	}
}

// registered is what TestNilHandler asks for: http.DefaultServeMux takes a
// pattern once, however often the test runs.
var registered = sync.OnceFunc(func() { http.Handle("/genkantest", greet) })

func TestNilHandler(t *testing.T) {
	registered()
	ts := NewServer(nil)
	defer ts.Close()
	wantGreeting(t, ts.Client(), ts.URL+"/genkantest")
}

func TestCloseUnstarted(t *testing.T) {
	ts := NewUnstartedServer(greet)
	ts.Close()
	if c, err := net.Dial("tcp", ts.Listener.Addr().String()); err == nil {
		c.Close()
		t.Error("still listening after Close")
	}
}

func TestStartTwice(t *testing.T) {
	ts := NewServer(greet)
	defer ts.Close()
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "started already") {
			t.Errorf("a second Start panics with %v, want a panic that says why", v)
		}
	}()
	ts.Start()
}

// TestReplacedListener is the idiom by which tests of httptest choose where to
// listen.
func TestReplacedListener(t *testing.T) {
	before := runtime.NumGoroutine()
	ts := NewUnstartedServer(greet)
	ts.Listener.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ts.Listener = l
	ts.Start()
	if want := "http://" + l.Addr().String(); ts.URL != want {
		t.Errorf("URL is %q, want the replaced listener's, %q", ts.URL, want)
	}
	wantGreeting(t, ts.Client(), ts.URL)
	ts.Close()
	wantGoroutines(t, before)
}

// TestConfig sets what is settled when a server first listens: which must not
// have happened before Start.
func TestConfig(t *testing.T) {
	ring := trace.NewRing(trace.Options{})
	events := ring.Reader()
	ts := NewUnstartedServer(greet)
	ts.Config.Watch = ring
	ts.Start()
	defer ts.Close()
	wantGreeting(t, ts.Client(), ts.URL)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		ev, _, err := events.Next(ctx)
		if err != nil {
			t.Fatal("nobody has seen the handler at work, though Watch was set before Start")
		}
		if ev.Verb == trace.Handle {
			return
		}
	}
}

// heard is what Close says when it has waited for as long as d.
func heard(t *testing.T, d time.Duration) func() string {
	t.Helper()
	var mu sync.Mutex
	var all strings.Builder
	oldPatience, oldSay := patience, say
	t.Cleanup(func() { patience, say = oldPatience, oldSay })
	patience = d
	say = func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&all, format, args...)
	}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

func TestCloseWaits(t *testing.T) {
	said := heard(t, 10*time.Millisecond)
	inside, goOn := make(chan struct{}), make(chan struct{})
	ts := NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Method, r.RequestURI = "CHANGED", "/changed"
		close(inside)
		standStill(goOn)
		io.WriteString(w, greeting)
	}))
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		wantGreeting(t, ts.Client(), ts.URL+"/slow?reason=channel")
	}()
	<-inside
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		ts.Close()
	}()
	for deadline := time.Now().Add(5 * time.Second); said() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	for _, want := range []struct{ part, why string }{
		{"connections open: 1, requests being answered: 1", "how much there is to wait for"},
		{"GET /slow?reason=channel from 127.0.0.1:", "which request, as it came and not as the handler changed it"},
		{"genkantest.standStill(", "where the handler stands"},
	} {
		if !strings.Contains(said(), want.part) {
			t.Errorf("Close said %q, want %q in it: %s", said(), want.part, want.why)
		}
	}
	select {
	case <-closed:
		t.Error("Close returned while a request was being answered")
	default:
	}
	close(goOn)
	<-closed
	<-answered
}

// standStill has a name to look for in the stacks.
func standStill(until <-chan struct{}) { <-until }

// TestCloseSaysOfClients holds Close up without a handler at work.
func TestCloseSaysOfClients(t *testing.T) {
	said := heard(t, 10*time.Millisecond)
	ts := NewServer(greet)
	wantGreeting(t, ts.Client(), ts.URL) // one handler has been, and left
	c, err := net.Dial("tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "GET / HTTP/1.1\r\nHost: unfinished")
	for deadline := time.Now().Add(5 * time.Second); ts.Config.Conns() < 2 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		ts.Close()
	}()
	for deadline := time.Now().Add(5 * time.Second); said() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(said(), "no handler is at work") {
		t.Errorf("Close said %q, want that a client holds it up", said())
	}
	c.Close()
	<-closed
}
