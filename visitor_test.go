package genkan

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// visitor is a client that says and hears bytes.
type visitor struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

// patience is how long a visitor waits for anything before the test fails.
const patience = 10 * time.Second

func (h *hall) visit() *visitor {
	h.t.Helper()
	c, err := h.dial()
	if err != nil {
		h.t.Fatal(err)
	}
	v := &visitor{t: h.t, Conn: c, in: bufio.NewReader(c)}
	h.t.Cleanup(func() { c.Close() })
	return v
}

// say sends, and does not mind if nobody listens any more: what counts is the
// answer.
func (v *visitor) say(s string) {
	v.t.Helper()
	v.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(v.Conn, s); errors.Is(err, os.ErrDeadlineExceeded) {
		v.t.Errorf("the server did not take %.60q", s)
	}
}

// hear reads n bytes, or all until the end for n < 0, and returns them with
// their Date fields normalised.
func (v *visitor) hear(n int) string {
	v.t.Helper()
	v.SetReadDeadline(time.Now().Add(patience))
	var b []byte
	var err error
	if n < 0 {
		b, err = io.ReadAll(v.in)
	} else {
		b = make([]byte, n)
		n, err = io.ReadFull(v.in, b)
		b = b[:n]
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		v.t.Errorf("after %q nothing came for %v", clipped(b), patience)
	}
	return normal(string(b))
}

// answer reads one answer to a request with this method.
func (v *visitor) answer(method string) (*http.Response, string) {
	v.t.Helper()
	v.SetReadDeadline(time.Now().Add(patience))
	res, err := http.ReadResponse(v.in, &http.Request{Method: method})
	if err != nil {
		v.t.Fatalf("reading an answer: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("reading the body of an answer: %v after %d bytes", err, len(body))
	}
	return res, string(body)
}

// halfClose ends the sending direction.
func (v *visitor) halfClose() {
	v.t.Helper()
	type halfCloser interface{ CloseWrite() error }
	if err := v.Conn.(halfCloser).CloseWrite(); err != nil {
		v.t.Fatal(err)
	}
	if tc, ok := v.Conn.(*tls.Conn); ok { // that was close_notify, and this is the end below it
		if err := tc.NetConn().(halfCloser).CloseWrite(); err != nil {
			v.t.Fatal(err)
		}
	}
}

// reset makes the server's kernel say that the peer is gone, where there is
// such a thing as a reset; a UNIX socket just closes.
func (v *visitor) reset() {
	conn := v.Conn
	if tc, ok := conn.(*tls.Conn); ok {
		conn = tc.NetConn()
	}
	switch c := conn.(type) {
	case *net.TCPConn:
		c.SetLinger(0)
		c.Close()
	case memoryConn:
		c.Reset()
	default:
		c.Close()
	}
}

var dateLine1123 = regexp.MustCompile(`\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// normal puts the word "now" in the place of each well-formed date.
func normal(s string) string { return dateLine1123.ReplaceAllString(s, "\r\nDate: now\r\n") }

// wireLength is how long s is with real dates in it.
func wireLength(s string) int {
	return len(s) + strings.Count(s, "\r\nDate: now\r\n")*(len(http.TimeFormat)-len("now"))
}

func clipped(b []byte) string {
	if len(b) > 300 {
		return string(b[:300]) + "…"
	}
	return string(b)
}

// wantHello asks once, and fails unless the answer is the whole one.
func (v *visitor) wantHello() {
	v.t.Helper()
	v.say("GET /hello" + get + "\r\n")
	if got := v.hear(wireLength(hello)); got != hello {
		v.t.Errorf("answered %q, want %q", got, hello)
	}
}
