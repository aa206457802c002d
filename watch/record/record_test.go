package record_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
	"github.com/genkan-http/genkan/watch/record"
)

// hall is a watched server, and what was recorded of it.
type hall struct {
	t     testing.TB
	addr  string
	store *record.Store
	ring  *trace.Ring
}

// watched starts a server whose events go into a store.
func watched(t testing.TB, h http.HandlerFunc, o record.Options) *hall {
	t.Helper()
	ring := trace.NewRing(trace.Options{Events: 1 << 14, Bytes: 1 << 17, MemoryLimit: 64 << 20})
	o.Secret = watch.Secret
	store := record.New(o)
	reader := ring.Reader()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			e, lost, err := reader.Next(context.Background())
			if err != nil {
				return
			}
			store.Lost(lost)
			store.Add(e)
		}
	}()
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &genkan.Server{Handler: h, Watch: ring}
	l, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		srv.Close()
		<-served
		reader.Close()
		<-done
	})
	return &hall{t, l.Addr().String(), store, ring}
}

// until polls until f is true, for 10 s at most.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

// talk sends all of out on a connection of its own and reads to the end.
func (h *hall) talk(out string) (in string) {
	h.t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, out)
	b, err := io.ReadAll(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

func (h *hall) detail(id uint64, secrets bool) record.Detail {
	h.t.Helper()
	d, ok := h.store.Detail(id, secrets)
	if !ok {
		h.t.Fatalf("exchange %d is not kept", id)
	}
	return d
}

// settled waits until n exchanges are over.
func (h *hall) settled(n int) {
	h.t.Helper()
	until(h.t, fmt.Sprintf("%d exchanges that are over", n), func() bool {
		ids := h.store.All()
		if len(ids) != n {
			return false
		}
		for _, id := range ids {
			d, ok := h.store.Detail(id, false)
			if !ok || d.Summary.State == record.Open || d.Connection.Closed == nil {
				return false
			}
		}
		return true
	})
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "%s %s: %s", r.Method, r.URL.Path, body)
}

// Three requests in one packet, one with a body: each gets the bytes that are
// its own, and the call that brought all of them.
func TestPipelinedRequestsAreDivided(t *testing.T) {
	h := watched(t, echo, record.Options{})
	requests := []string{
		"GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
		"GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
	}
	answers := h.talk(strings.Join(requests, ""))
	h.settled(3)
	var all string
	var seq uint64
	for i, want := range requests {
		in, out, whole, _ := h.store.Raw(uint64(i + 1))
		d := h.detail(uint64(i+1), false)
		if string(in) != want || !whole {
			t.Errorf("exchange %d received %q, want %q", i+1, in, want)
		}
		all += string(out)
		if d.Summary.Nth != i+1 || d.Summary.Status != 200 || d.Summary.State != record.Done || d.Summary.In != int64(len(want)) || d.Summary.Out != int64(len(out)) {
			t.Errorf("exchange %d is %+v", i+1, d.Summary)
		}
		if len(d.Received) == 0 || seq != 0 && d.Received[0].Seq != seq {
			t.Errorf("exchange %d came with call %+v, want the one that brought the first, %d", i+1, d.Received, seq)
			continue
		}
		seq = d.Received[0].Seq
		if len(d.Siblings) != 3 {
			t.Errorf("exchange %d has %d siblings", i+1, len(d.Siblings))
		}
	}
	if all != answers {
		t.Errorf("sent %q\nheard %q", all, answers)
	}
	if d := h.detail(2, false); d.Request.Body.Size != 5 || d.Request.Body.Framing != "content-length" {
		t.Errorf("body %+v", d.Request.Body)
	}
}

// A body in chunks, with a trailer, in pieces that cover every byte but spaces.
func TestPieces(t *testing.T) {
	h := watched(t, echo, record.Options{})
	request := "POST /up?q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection:  close \r\n\r\n5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
	h.talk(request)
	h.settled(1)
	d := h.detail(1, false)
	covered := make([]bool, len(request))
	kinds := map[string]int{}
	for _, p := range d.Request.Pieces {
		if p.Text != "" && p.Text != request[p.Off:p.Off+p.Len] {
			t.Errorf("piece %+v is not %q", p, request[p.Off:p.Off+p.Len])
		}
		for i := p.Off; i < p.Off+p.Len; i++ {
			if covered[i] {
				t.Errorf("byte %d is in two pieces", i)
			}
			covered[i] = true
		}
		kinds[p.Kind]++
	}
	for i, is := range covered {
		if !is && request[i] != ' ' {
			t.Errorf("byte %d, %q, is in no piece", i, request[i])
		}
	}
	for kind, n := range map[string]int{"method": 1, "target": 1, "version": 1, "name": 4, "value": 4, "chunk-size": 1, "chunk-ext": 1, "chunk-data": 1, "chunk-end": 1} {
		if kinds[kind] != n {
			t.Errorf("%d pieces of kind %s, want %d", kinds[kind], kind, n)
		}
	}
}

// Secrets are stars, in bytes and in pieces, unless asked for.
func TestSecretsAreStars(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "id=s3cret")
		w.Header().Set("Connection", "close")
	}, record.Options{})
	h.talk("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer s3cret\r\nCookie: id=s3cret\r\n\r\n")
	h.talk("GET / HTTP/1.1\r\nAuthorization: Bearer s3cret\n x: s3cret\r\n\r\n") // refused
	h.settled(2)
	for id := uint64(1); id <= 2; id++ {
		if text := fmt.Sprintf("%+v", shownBytes(h.detail(id, false))); strings.Contains(text, "s3cret") {
			t.Errorf("exchange %d shows a secret: %s", id, text)
		}
		if text := fmt.Sprintf("%+v", shownBytes(h.detail(id, true))); !strings.Contains(text, "s3cret") {
			t.Errorf("exchange %d does not show what was asked for: %s", id, text)
		}
	}
	in, _, _, _ := h.store.Raw(1)
	if !bytes.Contains(in, []byte("s3cret")) {
		t.Errorf("the stored bytes were changed: %q", in)
	}
}

func shownBytes(d record.Detail) string {
	var b strings.Builder
	for _, c := range append(d.Received, d.Sent...) {
		b.Write(c.Data)
	}
	if d.Request != nil {
		fmt.Fprintf(&b, "%+v", d.Request.Pieces)
	}
	fmt.Fprintf(&b, "%+v %+v", d.Responses, d.Events)
	return b.String()
}

func TestRefused(t *testing.T) {
	h := watched(t, echo, record.Options{})
	h.talk("GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n")
	h.settled(1)
	d := h.detail(1, false)
	if d.Summary.State != record.Refused || d.Summary.Status != 400 || d.Refused == nil || d.Refused.Rule != "field-name-space" || d.Refused.Offset != 28 || d.Refused.URL == "" {
		t.Errorf("%+v, %+v", d.Summary, d.Refused)
	}
	if _, ok := record.Words("ja")["rule.field-name-space"]; !ok {
		t.Error("the rule has no Japanese sentence")
	}
}

// Interim answers are messages of their own.
func TestInterim(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(103)
		io.ReadAll(r.Body)
		w.Header().Set("Connection", "close")
		io.WriteString(w, "ok")
	}, record.Options{})
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
	r := bufio.NewReader(c)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "HTTP/1.1 100") {
			break
		}
	}
	io.WriteString(c, "hi")
	io.ReadAll(r)
	h.settled(1)
	d := h.detail(1, false)
	var codes []string
	for _, m := range d.Responses {
		for _, p := range m.Pieces {
			if p.Kind == "status" {
				codes = append(codes, p.Text)
			}
		}
	}
	if got := strings.Join(codes, " "); got != "103 100 200" {
		t.Errorf("answers %q, want 103 100 200", got)
	}
}

// What was taken from the server goes on in the same exchange.
func TestUpgraded(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		line, _ := rw.ReadString('\n')
		io.WriteString(c, "echo "+line)
	}, record.Options{})
	h.talk("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello\n")
	h.settled(1)
	d := h.detail(1, false)
	in, out, _, _ := h.store.Raw(1)
	if d.Summary.State != record.Upgraded || !strings.HasSuffix(string(in), "\r\n\r\nhello\n") || !strings.HasSuffix(string(out), "\r\n\r\necho hello\n") {
		t.Errorf("%+v\n%q\n%q", d.Summary, in, out)
	}
}

// A proxy hijacks first and writes the answer itself: the bytes are the
// exchange's all the same, and it ends when the proxy ends it.
func TestHijackedBeforeTheAnswer(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(c, "echo "+line)
	}, record.Options{})
	h.talk("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello\n")
	var d record.Detail
	until(t, "an exchange that was upgraded, on a connection that is closed", func() bool {
		var ok bool
		d, ok = h.store.Detail(1, false)
		return ok && d.Summary.State == record.Upgraded && d.Connection.Closed != nil
	})
	in, out, _, _ := h.store.Raw(1)
	if d.Summary.Status != 101 || len(d.Responses) != 1 || d.Summary.Out != int64(len(out)) {
		t.Errorf("%+v, %d answers", d.Summary, len(d.Responses))
	}
	if !strings.HasSuffix(string(in), "\r\n\r\nhello\n") || !strings.HasPrefix(string(out), "HTTP/1.1 101 ") || !strings.HasSuffix(string(out), "\r\n\r\necho hello\n") {
		t.Errorf("in %q, out %q", in, out)
	}
	if d.Connection.Reason == "" || d.Connection.Closed == nil {
		t.Errorf("the connection says %+v: want when and why it was closed", d.Connection)
	}
}

// The bounds hold, the oldest go, and what is gone is counted.
func TestBounds(t *testing.T) {
	h := watched(t, echo, record.Options{Exchanges: 5, StreamBytes: 100})
	for range 12 {
		h.talk("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 400\r\n\r\n" + strings.Repeat("x", 400))
	}
	h.settled(5)
	s := h.store.Status()
	if s.Kept != 5 || s.Dropped != 7 || s.Lost != 0 || h.store.All()[0] != 8 {
		t.Errorf("%+v, first %d", s, h.store.All()[0])
	}
	d := h.detail(12, false)
	in, _, whole, _ := h.store.Raw(12)
	if !d.Truncated || whole || len(in) != 100 || d.Summary.In <= 400 {
		t.Errorf("truncated %v, %d bytes kept of %d", d.Truncated, len(in), d.Summary.In)
	}
	if _, ok := h.store.Detail(7, false); ok {
		t.Error("exchange 7 is still there")
	}
	h.store.Clear()
	if s := h.store.Status(); s.Kept != 0 || s.Bytes != 0 {
		t.Errorf("after Clear %+v", s)
	}
	small := watched(t, echo, record.Options{Bytes: 20_000})
	for range 40 {
		small.talk("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	}
	until(t, "the store dropping", func() bool { return small.store.Status().Dropped > 20 })
	if s := small.store.Status(); s.Bytes > 20_000 {
		t.Errorf("%d bytes held, of 20,000", s.Bytes)
	}
}

// A listener that never looks is held one line an exchange, and holds up nobody.
func TestListener(t *testing.T) {
	h := watched(t, echo, record.Options{})
	stuck := h.store.Listen()
	defer stuck.Close()
	live := h.store.Listen()
	defer live.Close()
	for range 20 {
		h.talk("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	}
	h.settled(20)
	for _, l := range []*record.Listener{stuck, live} {
		seen := map[uint64]record.Summary{}
		conns := map[uint64]record.Conn{}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		for len(seen) < 20 {
			news, err := l.Next(ctx, 7)
			if err != nil {
				t.Fatal(err)
			}
			if len(news.Exchanges) > 7 {
				t.Fatalf("%d at once, want 7 at most", len(news.Exchanges))
			}
			for _, x := range news.Exchanges {
				seen[x.ID] = x
			}
			for _, c := range news.Conns {
				conns[c.Conn] = c
			}
		}
		cancel()
		if seen[20].State != record.Done || conns[20].Reason == "" {
			t.Errorf("%+v %+v", seen[20], conns[20])
		}
	}
}

// Every key that pieces have a family for is explained in both languages.
func TestWordsAreEqual(t *testing.T) {
	en, ja := record.Words("en"), record.Words("ja")
	for key, sentence := range en {
		if sentence.Text == "" {
			t.Errorf("%s has no English", key)
		}
		if ja[key].Text == "" {
			t.Errorf("%s has no Japanese", key)
		}
	}
	for key := range ja {
		if en[key].Text == "" && key != "rule.target-url" {
			t.Errorf("%s is in Japanese only", key)
		}
	}
}

// A head that comes a byte at a time is not worth more memory than one that
// comes at once; how many bytes there were is known all the same.
func TestDrip(t *testing.T) {
	h := watched(t, echo, record.Options{})
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.(*net.TCPConn).SetNoDelay(true)
	c.SetDeadline(time.Now().Add(20 * time.Second))
	request := "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: " + strings.Repeat("x", 400) + "\r\n\r\n"
	for i := range request {
		if _, err := io.WriteString(c, request[i:i+1]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Microsecond) // so that some come alone; how many does not matter
	}
	io.ReadAll(c)
	h.settled(1)
	d := h.detail(1, false)
	if d.Summary.In != int64(len(request)) || d.Summary.Status != 200 || d.Summary.Target != "/" {
		t.Errorf("%+v, want %d bytes", d.Summary, len(request))
	}
	if len(d.Received) > 100 || len(d.Events) > 200 {
		t.Errorf("%d chunks and %d events are kept", len(d.Received), len(d.Events))
	}
}
