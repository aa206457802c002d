package watch_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/watch"
)

// narrow is a connection of the page's that takes few bytes, and tells how its
// writes go.
type narrow struct {
	net.Conn
	begun, ended atomic.Int64 // writes
	taken        atomic.Int64 // bytes, by the kernel
	err          atomic.Value
}

func (c *narrow) Write(b []byte) (int, error) {
	c.begun.Add(1)
	n, err := c.Conn.Write(b)
	c.taken.Add(int64(n))
	if err != nil {
		c.err.Store(err)
	}
	c.ended.Add(1)
	return n, err
}

// inWrite is the number of the write that waits for the peer now; 0: none does.
func (c *narrow) inWrite() int64 {
	if n := c.begun.Load(); c.ended.Load() < n {
		return n
	}
	return 0
}

type narrowListener struct {
	net.Listener
	conns chan *narrow
}

func (l *narrowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.(*net.TCPConn).SetWriteBuffer(4 << 10)
	one := &narrow{Conn: c}
	l.conns <- one
	return one, nil
}

// streamed opens the page's stream through small buffers: at one end what the
// page writes to, at the other what nobody reads yet, the head's first bytes
// aside.
func (a *hall) streamed() (page *narrow, reader net.Conn) {
	a.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	narrows := &narrowListener{l, make(chan *narrow, 1)}
	srv := &http.Server{Handler: a.live}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(narrows)
	}()
	a.t.Cleanup(func() {
		srv.Close()
		<-served
	})
	reader, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { reader.Close() })
	reader.(*net.TCPConn).SetReadBuffer(4 << 10)
	reader.SetDeadline(time.Now().Add(time.Minute))
	own, err := url.Parse(a.page)
	if err != nil {
		a.t.Fatal(err)
	}
	request, err := http.NewRequest("GET", a.page+"/api/stream", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, cookie := range a.Jar.Cookies(own) {
		request.AddCookie(cookie)
	}
	if err := request.Write(reader); err != nil {
		a.t.Fatal(err)
	}
	first := make([]byte, 15)
	if _, err := io.ReadFull(reader, first); err != nil || string(first) != "HTTP/1.1 200 OK" {
		a.t.Fatalf("%q, %v", first, err)
	}
	return <-narrows.conns, reader
}

// plug lets requests come until the stream's reader is stuck: there is more to
// tell than the sockets at both ends and the page's own writer hold, and a write
// has been begun that does not end while as much comes again.
func (a *hall) plug(page *narrow, reader net.Conn) (stuckIn int64) {
	a.t.Helper()
	holds := buffers(a.t, page.Conn, reader) + 8<<10
	d, _ := a.live.Store().Detail(1, false)
	line, err := json.Marshal(d.Summary)
	if err != nil || d.Summary.ID != 1 {
		a.t.Fatal(d.Summary, err)
	}
	for end := time.Now().Add(30 * time.Second); ; {
		stuckIn = page.inWrite()
		for told := 0; told <= holds; told += len(line) {
			a.served()
		}
		if stuckIn != 0 && page.inWrite() == stuckIn {
			a.t.Logf("the stream is stuck in its write %d; both ends hold %d bytes", stuckIn, holds)
			return stuckIn
		}
		if time.Now().After(end) {
			a.t.Fatalf("the stream that nobody reads has taken %d bytes, and would take more", page.taken.Load())
		}
	}
}

// served is how long one request takes, on a connection of its own.
func (a *hall) served() time.Duration {
	a.t.Helper()
	began := time.Now()
	if answer := a.talk(form); !strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(answer, "%E9%96%A2") {
		a.t.Fatalf("a client of the served port got %q", answer)
	}
	return time.Since(began)
}

func (a *hall) median(n int) time.Duration {
	list := make([]time.Duration, n)
	for i := range list {
		list[i] = a.served()
	}
	slices.Sort(list)
	return list[n/2]
}

// A stream that nobody reads holds up nobody: not the clients of the served
// port, not the recorder, not another stream. Who reads at last gets all of it.
func TestStuckStreamHoldsUpNobody(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	free := a.median(200)
	page, reader := a.streamed()
	held := time.Duration(0)
	for end := time.Now().Add(20 * time.Second); ; {
		stuckIn := a.plug(page, reader)
		held = a.median(200)
		now := page.inWrite()
		if now == stuckIn {
			break
		}
		// The kernel has found room for a little more: it was not stuck all the time.
		if time.Now().After(end) {
			t.Fatalf("the stream was in its write %d, and is in %d: it is never stuck for long", stuckIn, now)
		}
	}
	t.Logf("a request takes %v, %v beside a stuck stream", free, held)
	if held > 10*free+50*time.Millisecond {
		t.Errorf("a request takes %v beside a stuck stream, and %v without", held, free)
	}
	kept := len(a.live.Store().All())
	if seen := a.seenBy(nil, kept); seen < kept {
		t.Errorf("another stream has %d of %d exchanges", seen, kept)
	}
	if lost := a.live.Store().Status().Lost; lost > 0 {
		t.Errorf("%d events were lost", lost)
	}
	if seen := a.seenBy(reader, kept); seen < kept {
		t.Errorf("who was stuck has %d of %d exchanges", seen, kept)
	}
}

// seenBy reads a stream until it has told of so many exchanges: one of its own,
// or one of which the first line has been read.
func (a *hall) seenBy(from io.Reader, most int) int {
	a.t.Helper()
	if from == nil {
		answer, err := a.Get(a.page + "/api/stream")
		if err != nil {
			a.t.Fatal(err)
		}
		defer answer.Body.Close()
		from = answer.Body
	} else {
		answer, err := http.ReadResponse(bufio.NewReader(io.MultiReader(strings.NewReader("HTTP/1.1 200 OK"), from)), nil)
		if err != nil {
			a.t.Fatal(err)
		}
		from = answer.Body
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 4<<20)
	seen := map[int]bool{}
	for len(seen) < most && lines.Scan() {
		var list []struct{ ID int }
		data, _ := strings.CutPrefix(lines.Text(), "data: ")
		if json.Unmarshal([]byte(data), &list) == nil {
			for _, x := range list {
				seen[x.ID] = true
			}
		}
	}
	return len(seen)
}

// Patience with who does not read has an end.
func TestStuckStreamIsGivenUp(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	a.live.SetPatience(time.Second)
	page, _ := a.streamed()
	for end := time.Now().Add(30 * time.Second); page.err.Load() == nil; {
		if a.served(); time.Now().After(end) {
			t.Fatalf("after 30 s the stream is still open, %d bytes taken", page.taken.Load())
		}
	}
	if err := page.err.Load().(error); !strings.Contains(err.Error(), "i/o timeout") {
		t.Errorf("it ended with %v", err)
	}
}
