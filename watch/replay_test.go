package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/watch"
)

// peer is somebody to whom requests are sent again: f has each connection, once
// the request's head is there, until it returns or the other side has gone.
func peer(t *testing.T, f func(c net.Conn, gone <-chan struct{})) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	attend(t, l, f)
	return l.Addr().String()
}

func attend(t *testing.T, l net.Listener, f func(c net.Conn, gone <-chan struct{})) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			head := make([]byte, 0, 4096)
			for !bytes.Contains(head, []byte("\r\n\r\n")) {
				n, err := c.Read(head[len(head):cap(head)])
				if head = head[:len(head)+n]; err != nil {
					break
				}
			}
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				io.Copy(io.Discard, c)
			}()
			f(c, gone)
			c.Close()
			<-gone
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
}

type cameBack struct {
	Replay    uint64
	Received  []byte
	Hidden    [][2]int
	TookNS    int64 `json:"took_ns"`
	Error     string
	Truncated bool
}

// again sends a request to addr and reads what the API says of it.
func (a *hall) again(addr, query string) (result cameBack, took time.Duration) {
	a.t.Helper()
	began := time.Now()
	status, text := a.ask("POST", "/api/replay"+query, map[string]any{"bytes": []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "to": addr}, "X-Genkan", "1")
	took = time.Since(began)
	if err := json.Unmarshal([]byte(text), &result); err != nil || status != 200 {
		a.t.Fatalf("%d %s: %v", status, text, err)
	}
	return result, took
}

// part is an answer that is not whole.
const part = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"

// hour is a bound that none of these tests may reach: http.Client would wait.
const hour = time.Hour

// After the first byte, a while without another ends it; before, the handler
// may think for as long as there is time in all.
func TestReplayEndsWhenItIsQuiet(t *testing.T) {
	t.Parallel()
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	const quiet, pause = time.Second, 120 * time.Millisecond
	a.live.SetReplay(quiet, hour)
	a.Timeout = 30 * time.Second
	const pieces = 10
	addr := peer(t, func(c net.Conn, gone <-chan struct{}) {
		select { // thinks for longer than it may be quiet later
		case <-gone:
			return
		case <-time.After(quiet + pause):
		}
		for i := range pieces { // each in less than that, all in more
			io.WriteString(c, part[len(part)*i/pieces:len(part)*(i+1)/pieces])
			select {
			case <-gone:
				return
			case <-time.After(pause):
			}
		}
		<-gone
	})
	result, took := a.again(addr, "")
	if string(result.Received) != part || result.Error != "" || result.Truncated {
		t.Errorf("%q, error %q, truncated %v", result.Received, result.Error, result.Truncated)
	}
	if least := quiet + pause + (pieces-1)*pause + quiet; took < least {
		t.Errorf("it was over after %v, want at least %v", took, least)
	}
	if result.TookNS < (quiet + pieces*pause).Nanoseconds() {
		t.Errorf("the last byte came after %v, it is said", time.Duration(result.TookNS))
	}
}

// A peer that goes on and on is cut, and one that says nothing is told of.
func TestReplayEndsInTime(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	const long = 300 * time.Millisecond
	a.live.SetReplay(hour, long)
	a.Timeout = 30 * time.Second
	drips := peer(t, func(c net.Conn, gone <-chan struct{}) {
		io.WriteString(c, part)
		for {
			select {
			case <-gone:
				return
			case <-time.After(long / 50):
				c.Write([]byte("."))
			}
		}
	})
	result, took := a.again(drips, "")
	if !strings.HasPrefix(string(result.Received), part) || result.Error != "" || !result.Truncated || took < long {
		t.Errorf("%q after %v, error %q, truncated %v", result.Received, took, result.Error, result.Truncated)
	}
	silent := peer(t, func(_ net.Conn, gone <-chan struct{}) { <-gone })
	result, took = a.again(silent, "")
	if len(result.Received) > 0 || !strings.Contains(result.Error, "no byte of an answer came within 300ms") || took < long {
		t.Errorf("%q after %v, error %q", result.Received, took, result.Error)
	}
}

// 4 MiB of an answer are taken, and no byte more.
func TestReplayTakesFourMiB(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	const most = 4 << 20
	for _, size := range []int{most - 1, most, most + 1, most + 1<<20} {
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
		whole := append([]byte(head), bytes.Repeat([]byte("0123456789abcdef"), size/16+1)...)[:size]
		addr := peer(t, func(c net.Conn, gone <-chan struct{}) { c.Write(whole) }) // closes before the length is there
		result, _ := a.again(addr, "")
		if want := whole[:min(size, most)]; !bytes.Equal(result.Received, want) || result.Truncated != (size > most) || result.Error != "" {
			t.Errorf("of %d bytes %d came, truncated %v, error %q", size, len(result.Received), result.Truncated, result.Error)
		}
	}
}

// What comes back has its secrets hidden until they are asked for, as an
// exchange has; the request is not sent twice for that.
func TestReplayHidesSecrets(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	var asked atomic.Int32
	text := "HTTP/1.1 103 Early Hints\r\nX-Api-Key: s3cret1\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: id=s3cret2; Path=/\r\nTransfer-Encoding: chunked\r\n\r\n11\r\nSet-Cookie: mine\n\r\n0\r\nX-Token: s3cret3\r\n\r\n"
	addr := peer(t, func(c net.Conn, _ <-chan struct{}) {
		asked.Add(1)
		io.WriteString(c, text)
	})
	result, _ := a.again(addr, "")
	hidden := text
	for _, secret := range []string{"s3cret1", "id=s3cret2; Path=/", "s3cret3"} {
		hidden = strings.Replace(hidden, secret, strings.Repeat("*", len(secret)), 1)
	}
	if string(result.Received) != hidden || len(result.Hidden) != 3 || text[result.Hidden[0][0]:result.Hidden[0][1]] != "s3cret1" {
		t.Errorf("%q, hidden %v", result.Received, result.Hidden)
	}
	path := fmt.Sprintf("/api/replays/%d", result.Replay)
	for query, want := range map[string]string{"": hidden, "?secrets=0": hidden, "?secrets=1": text} {
		status, answer := a.ask("GET", path+query, nil)
		var again cameBack
		if err := json.Unmarshal([]byte(answer), &again); err != nil || status != 200 || string(again.Received) != want {
			t.Errorf("%s: %d %q, want %q", path+query, status, again.Received, want)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the request was sent %d times", n)
	}
	if shown, _ := a.again(addr, "?secrets=1"); string(shown.Received) != text || len(shown.Hidden) > 0 {
		t.Errorf("asked for at once: %q, hidden %v", shown.Received, shown.Hidden)
	}
	broken := peer(t, func(c net.Conn, _ <-chan struct{}) { io.WriteString(c, "HTTP/1.1 200 OK\r\nSet-Cookie: id=s3cret4") })
	if half, _ := a.again(broken, ""); !strings.HasSuffix(string(half.Received), "Set-Cookie: **********") {
		t.Errorf("a head that is not whole: %q", half.Received)
	}
	if status, _ := a.ask("POST", "/api/clear", struct{}{}, "X-Genkan", "1"); status != 200 {
		t.Error(status)
	}
	if status, answer := a.ask("GET", path+"?secrets=1", nil); status != 404 || !strings.Contains(answer, "not kept any more") {
		t.Errorf("after all was cleared: %d %s", status, answer)
	}
}

// Of many answers the newest are kept, within bounds.
func TestReplaysAreBounded(t *testing.T) {
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	big := append([]byte("HTTP/1.1 200 OK\r\n\r\n"), make([]byte, 3<<20)...)
	addr := peer(t, func(c net.Conn, _ <-chan struct{}) { c.Write(big) })
	var last uint64
	for range 8 {
		result, _ := a.again(addr, "")
		last = result.Replay
	}
	kept := 0
	for id := uint64(1); id <= last; id++ {
		if status, _ := a.ask("GET", fmt.Sprintf("/api/replays/%d", id), nil); status == 200 {
			kept++
		} else if kept > 0 {
			t.Errorf("%d is gone, and older ones are not", id)
		}
	}
	if kept != 5 { // of 16 MiB
		t.Errorf("%d answers of 3 MiB are kept, want 5", kept)
	}
}

// localhost is what the machine's resolver says it is: it is looked at once, and
// what was looked at is what is used.
func TestLocalhostIsLookedAt(t *testing.T) {
	// An address that no machine's hosts file has for localhost, where there are
	// more than one.
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	attend(t, l, func(c net.Conn, _ <-chan struct{}) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") })
	at := l.Addr().(*net.TCPAddr).AddrPort()
	here, port, elsewhere := at.Addr().Unmap(), fmt.Sprint(at.Port()), netip.MustParseAddr("192.0.2.1")
	var asked []string
	says := func(answers ...[]netip.Addr) func(context.Context, string) ([]netip.Addr, error) {
		asked = nil
		return func(_ context.Context, host string) ([]netip.Addr, error) {
			asked = append(asked, host)
			return append([]netip.Addr(nil), answers[min(len(asked), len(answers))-1]...), nil
		}
	}
	a := watched(t, echo, watch.LiveOptions{})
	a.enter()
	a.live.SetLookup(says([]netip.Addr{netip.AddrFrom16(here.As16())}, []netip.Addr{elsewhere}))
	if result, _ := a.again("LocalHost:"+port, ""); !strings.HasPrefix(string(result.Received), "HTTP/1.1 200") {
		t.Errorf("%q, error %q", result.Received, result.Error)
	}
	if len(asked) != 1 || asked[0] != "LocalHost" {
		t.Errorf("the resolver was asked for %q, want once for localhost", asked)
	}
	for _, test := range []struct {
		found []netip.Addr
		to    string
		want  string
	}{
		{[]netip.Addr{elsewhere}, "localhost:" + port, "localhost is 192.0.2.1"},
		{[]netip.Addr{here, elsewhere}, "localhost:" + port, "localhost is 192.0.2.1"},
		{nil, "localhost:" + port, "has no address"},
		{[]netip.Addr{here}, "localhost.evil.example:" + port, "this machine alone"},
		{[]netip.Addr{here}, "[::ffff:192.0.2.1]:" + port, "this machine alone"},
	} {
		a.live.SetLookup(says(test.found))
		if status, text := a.ask("POST", "/api/replay", map[string]any{"bytes": []byte("x"), "to": test.to}, "X-Genkan", "1"); status != 403 || !strings.Contains(text, test.want) {
			t.Errorf("%s, which is %v: %d %s", test.to, test.found, status, text)
		}
		if test.want == "this machine alone" && len(asked) > 0 {
			t.Errorf("the resolver was asked for %q", asked)
		}
		live := watch.New(watch.LiveOptions{Addr: strings.Replace(test.to, ":"+port, ":0", 1)})
		live.SetLookup(says(test.found))
		if err := live.Err(); err == nil || live.URL() != "" {
			t.Errorf("a page at %s, which is %v: %s", test.to, test.found, live.URL())
		}
		live.Close()
	}
	live := watch.New(watch.LiveOptions{Addr: "localhost:0"})
	defer live.Close()
	live.SetLookup(says([]netip.Addr{netip.IPv6Loopback(), here}, []netip.Addr{elsewhere}))
	if live.Err() != nil || !strings.HasPrefix(live.Addr().String(), here.String()+":") || len(asked) != 1 {
		t.Errorf("a page at localhost: %v, %v, asked %q", live.Addr(), live.Err(), asked)
	}
}
