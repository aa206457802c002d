package ask_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan/ask"
	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// heard is a sink that writes down.
type heard struct {
	heads  []int
	wire   bytes.Buffer
	body   bytes.Buffer
	refuse error
}

func (h *heard) Head(head *ask.Answer, wire []byte) error {
	h.heads = append(h.heads, head.Status)
	h.wire.Write(wire)
	return nil
}

func (h *heard) Body(data []byte) error {
	h.body.Write(data)
	return h.refuse
}

// server answers each connection's bytes with what answer says.
func server(t *testing.T, answer func(c net.Conn)) ask.Place {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(10 * time.Second))
				answer(c)
			}()
		}
	}()
	return place(t, "http://"+l.Addr().String())
}

func place(t *testing.T, url string) ask.Place {
	t.Helper()
	_, rest, _ := strings.Cut(url, "://")
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(port)
	return ask.Place{TLS: strings.HasPrefix(url, "https"), Host: host, Port: uint16(n)}
}

// canned reads a head and gives one answer.
func canned(answer string) func(c net.Conn) {
	return func(c net.Conn) {
		readHead(c)
		io.WriteString(c, answer)
	}
}

func readHead(c net.Conn) string {
	var b []byte
	one := make([]byte, 1)
	for !bytes.HasSuffix(b, []byte("\r\n\r\n")) {
		if _, err := c.Read(one); err != nil {
			return ""
		}
		b = append(b, one[0])
	}
	return string(b)
}

var get = &ask.Request{Method: "GET", Target: "/", Fields: []ask.Field{{Name: "Host", Value: "h"}}}

func do(t *testing.T, p ask.Place, r *ask.Request) (*heard, error) {
	t.Helper()
	c := &ask.Client{}
	defer c.Close()
	h := &heard{}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return h, c.Do(ctx, p, r, h)
}

// Every way in which an answer can be framed, and end.
func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		answer, body string
		heads        string
		stage        ask.Stage
		is           error
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", "[200]", 0, nil},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\nA: b\r\n\r\n", "hi", "[200]", 0, nil},
		{"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", "[200]", 0, nil},
		{"HTTP/1.0 200 OK\r\n\r\nold", "old", "[200]", 0, nil},
		{"HTTP/1.1 204 No Content\r\n\r\n", "", "[204]", 0, nil},
		{"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", "[304]", 0, nil},
		{"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", "[103 200]", 0, nil},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "hi", "[200]", ask.Receiving, ask.ErrPartial},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", "hi", "[200]", ask.Receiving, ask.ErrPartial},
		{"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "", "[101]", ask.Parsing, ask.ErrSwitched},
		{"", "", "[]", ask.Receiving, ask.ErrEmpty},
		{"HTTP/1.1 20x OK\r\n\r\n", "", "[]", ask.Parsing, nil},
		{"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", "", "[]", ask.Parsing, nil},
		{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "", "[]", ask.Parsing, nil},
	} {
		h, err := do(t, server(t, canned(test.answer)), get)
		var where *ask.Error
		errors.As(err, &where)
		var breach *http1.Error
		switch {
		case h.body.String() != test.body || fmt.Sprint(h.heads) != test.heads:
			t.Errorf("%q: heads %v, body %q", test.answer, h.heads, &h.body)
		case test.stage == 0 && err != nil, test.stage != 0 && (where == nil || where.Stage != test.stage):
			t.Errorf("%q: %v", test.answer, err)
		case test.is != nil && !errors.Is(err, test.is):
			t.Errorf("%q: %v, want %v", test.answer, err, test.is)
		case test.stage == ask.Parsing && test.is == nil && !errors.As(err, &breach):
			t.Errorf("%q: %v names no rule", test.answer, err)
		}
	}
}

// Several requests share a connection; one that was closed at rest is replaced.
func TestKept(t *testing.T) {
	var conns, requests atomic.Int64
	p := server(t, func(c net.Conn) {
		conns.Add(1)
		for range 2 { // and then it is closed, without a word
			if readHead(c) == "" {
				return
			}
			requests.Add(1)
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	c := &ask.Client{}
	defer c.Close()
	for range 5 {
		h := &heard{}
		if err := c.Do(context.Background(), p, get, h); err != nil || h.body.String() != "ok" {
			t.Fatalf("%q, %v", &h.body, err)
		}
		if requests.Load()%2 == 0 {
			time.Sleep(5 * time.Millisecond) // let the end arrive, which is seen or not: both must do
		}
	}
	if conns.Load() != 3 || requests.Load() != 5 {
		t.Errorf("%d connections for %d requests, want 3 for 5", conns.Load(), requests.Load())
	}
}

// A body goes out by its length and in chunks, and an answer that comes before
// its end ends the sending.
func TestBodies(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.Method, " ", r.ContentLength, " ", len(b))
	}))
	defer echo.Close()
	large := strings.Repeat("x", 1<<20)
	for _, f := range []ask.Field{{Name: "Content-Length", Value: strconv.Itoa(len(large))}, {Name: "Transfer-Encoding", Value: "chunked"}} {
		h, err := do(t, place(t, echo.URL), &ask.Request{Method: "PUT", Target: "/", Fields: []ask.Field{{Name: "Host", Value: "h"}, f}, Body: strings.NewReader(large)})
		if want := "PUT " + map[bool]string{true: f.Value, false: "-1"}[f.Name == "Content-Length"] + " 1048576"; err != nil || h.body.String() != want {
			t.Errorf("%s: %q, %v", f.Name, &h.body, err)
		}
	}
	h, err := do(t, server(t, canned("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")),
		&ask.Request{Method: "PUT", Target: "/", Fields: []ask.Field{{Name: "Host", Value: "h"}, {Name: "Transfer-Encoding", Value: "chunked"}}, Body: endless{}})
	if err != nil && len(h.heads) == 0 {
		t.Errorf("answered early: %v, heads %v", err, h.heads) // a reset may come before the answer is read
	}
	broken := errors.New("no more")
	_, err = do(t, place(t, echo.URL), &ask.Request{Method: "PUT", Target: "/", Fields: []ask.Field{{Name: "Host", Value: "h"}, {Name: "Content-Length", Value: "10"}}, Body: io.MultiReader(strings.NewReader("half"), failing{broken})})
	var where *ask.Error
	if !errors.Is(err, broken) || !errors.As(err, &where) || where.Stage != ask.Reading {
		t.Errorf("a body that cannot be read: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, f.error }

// TLS asks who answers; what it hides is seen by who watches.
func TestTLS(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.TLS != nil) }))
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	_, err := do(t, place(t, srv.URL), get)
	var where *ask.Error
	if !errors.As(err, &where) || where.Stage != ask.Verifying {
		t.Errorf("an unknown certificate: %v", err)
	}
	ring := trace.NewRing(trace.Options{Bytes: 1000})
	reader := ring.Reader()
	c := &ask.Client{TLS: &tls.Config{InsecureSkipVerify: true}, Ring: ring}
	h := &heard{}
	if err := c.Do(context.Background(), place(t, srv.URL), get, h); err != nil || h.body.String() != "true" {
		t.Errorf("%q, %v", &h.body, err)
	}
	c.Close()
	var inside string
	for {
		e, _, ok := reader.TryNext()
		if !ok {
			break
		}
		if e.Verb == trace.Encrypt || e.Verb == trace.Decrypt {
			inside += string(e.Data)
		}
	}
	if !strings.HasPrefix(inside, "GET / HTTP/1.1\r\nHost: h\r\n\r\nHTTP/1.1 200 OK\r\n") {
		t.Errorf("seen inside: %q", inside)
	}
	plain := server(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") })
	plain.TLS = true
	if _, err := do(t, plain, get); !errors.As(err, &where) || where.Stage != ask.Securing {
		t.Errorf("no TLS there: %v", err)
	}
}

// The deadline ends whatever is waited for.
func TestDeadline(t *testing.T) {
	silent := server(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	c := &ask.Client{}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err := c.Do(ctx, silent, get, &heard{})
	var where *ask.Error
	if !errors.As(err, &where) || where.Stage != ask.Timing || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// Addresses are tried in turn, by family, and before names are looked up.
func TestAddresses(t *testing.T) {
	p := server(t, canned("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"))
	p.Host = "shop.test"
	c := &ask.Client{Addresses: map[string][]netip.Addr{p.String(): {netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.1")}}}
	h := &heard{}
	if err := c.Do(context.Background(), p, get, h); err != nil || h.body.String() != "ok" {
		t.Errorf("%q, %v: the second address answers", &h.body, err)
	}
	c.Family = socket.INET6
	var where *ask.Error
	if err := c.Do(context.Background(), p, get, h); !errors.As(err, &where) || where.Stage != ask.Resolving {
		t.Errorf("no address of that family: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := place(t, "http://"+l.Addr().String())
	l.Close()
	if _, err := do(t, nobody, get); !errors.As(err, &where) || where.Stage != ask.Connecting {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestUNIX(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil && runtime.GOOS == "windows" {
		t.Skip("this Windows has no UNIX sockets: ", err)
	} else if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })}
	go srv.Serve(l)
	defer srv.Close()
	if h, err := do(t, ask.Place{Host: "h", Port: 80, Unix: path}, get); err != nil || h.body.String() != "h" {
		t.Errorf("%q, %v", &h.body, err)
	}
}

// What cannot be said is not said.
func TestRefusesToSend(t *testing.T) {
	p := server(t, func(c net.Conn) { t.Errorf("heard %q", readHead(c)) })
	for _, r := range []*ask.Request{
		{Method: "GE T", Target: "/"}, {Method: "GET", Target: "/a b"}, {Method: "GET", Target: ""},
		{Method: "GET", Target: "/", Fields: []ask.Field{{Name: "A B", Value: "x"}}}, {Method: "GET", Target: "/", Fields: []ask.Field{{Name: "A", Value: "x\x00"}}},
	} {
		if _, err := do(t, p, r); err == nil {
			t.Errorf("%+v was sent", r)
		}
	}
	h := &heard{refuse: errors.New("full")}
	c := &ask.Client{}
	defer c.Close()
	err := c.Do(context.Background(), server(t, canned("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")), get, h)
	var where *ask.Error
	if !errors.As(err, &where) || where.Stage != ask.Writing {
		t.Errorf("a sink that is full: %v", err)
	}
}
