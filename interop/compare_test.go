package interop

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ask is one request, and the little that is known of its answer without
// asking: enough to see that the test asks what it means to.
type ask struct {
	name    string
	request string // "METHOD target", HTTP/1.1 to example.com
	fields  string // "Name: value", one a line
	body    string
	chunked bool // send the body in chunks, of unknown length
	silent  bool // the connection ends without an answer

	status int    // 0: whatever the library under test has decided
	says   string // a part of the body

	// mayStay says that the connection may go on after it on Genkan and not on
	// net/http: that http.MaxBytesReader has seen too much it tells to
	// net/http's own ResponseWriter alone, by a method without a capital.
	mayStay bool

	// changes says that the body differs from one time to the next, and with
	// it its length: only the rest of the answer is compared.
	changes bool
}

// answer is what a client can see of an answer.
type answer struct {
	Status           int // without its phrase: clients pass over it, RFC 9112 4, and RFC 9110 has renamed some
	Proto            string
	Interim          []string // 1xx before it
	Header           http.Header
	TransferEncoding []string
	ContentLength    int64
	Close            bool
	Body             string
	Trailer          http.Header
	Broken           string // how it ended, if not whole

	mustClose bool // the connection, though it is not compared
}

// compare puts h on each kind of server, asks all the same, and wants them all
// to answer the same.
func compare(t *testing.T, h http.Handler, asks []ask) {
	t.Helper()
	compareEach(t, func(testing.TB, hall) http.Handler { return h }, asks)
}

// compareEach is compare for handlers that have a state: each kind of server
// gets one of its own.
func compareEach(t *testing.T, handler func(testing.TB, hall) http.Handler, asks []ask) {
	t.Helper()
	wantNothingLeft(t)
	want := askAll(t, reference.open(t, handler(t, reference)), asks)
	for i, a := range asks {
		a.check(t, want[i])
	}
	for _, on := range ours {
		got := askAll(t, on.open(t, handler(t, on)), asks)
		for i, a := range asks {
			got[i].countedLike(want[i])
			if diff := cmp.Diff(want[i].abridged(), got[i].abridged(), cmp.AllowUnexported(answer{})); diff != "" {
				t.Errorf("%s: %s (%s): the answer differs from net/http's (-), which is how drop-in is defined:\n%s", on.name, a.name, a.request, diff)
			}
		}
	}
}

// check sees that net/http answered what the test expects, so that it does not
// compare one 404 with another.
func (a ask) check(t *testing.T, got *answer) {
	t.Helper()
	if a.silent {
		if got.Status != 0 || got.Broken == "" {
			t.Errorf("%s: %s answered %d, want the connection to end without an answer", reference.name, a.name, got.Status)
		}
		return
	}
	if a.status != 0 && got.Status != a.status || got.Status == 0 || !a.changes && !strings.Contains(got.Body, a.says) {
		t.Errorf("%s: %s (%s) was answered %d, %.300q, want %d and %q in it", reference.name, a.name, a.request, got.Status, got.Body, a.status, a.says)
	}
}

// askAll asks in order, on one connection as far as the server lets it live.
func askAll(t testing.TB, s *server, asks []ask) (answers []*answer) {
	t.Helper()
	var c net.Conn
	var in *bufio.Reader
	for _, a := range asks {
		if c == nil {
			var err error
			if c, err = net.Dial("tcp", s.address); err != nil {
				t.Fatal(err)
			}
			in = bufio.NewReader(c)
		}
		c.SetDeadline(time.Now().Add(patience))
		sent := make(chan struct{})
		go func() { // a server may answer before it has read everything
			defer close(sent)
			io.WriteString(c, a.wire())
		}()
		got := a.read(in)
		answers = append(answers, got)
		if got.Close || got.mustClose || got.Broken != "" || got.Status == http.StatusSwitchingProtocols {
			c.Close()
			c = nil
		}
		<-sent
	}
	if c != nil {
		c.Close()
	}
	return answers
}

// wire is the request as it is sent.
func (a ask) wire() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s HTTP/1.1\r\nHost: example.com\r\n", a.request)
	for field := range strings.Lines(a.fields) {
		b.WriteString(strings.TrimSpace(field) + "\r\n")
	}
	switch {
	case a.chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for rest := a.body; rest != ""; {
			n := min(len(rest), 5000)
			fmt.Fprintf(&b, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		b.WriteString("0\r\n\r\n")
	case a.body != "":
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(a.body), a.body)
	default:
		b.WriteString("\r\n")
	}
	return b.String()
}

// read reads the answer, and takes out of it what differs each time.
func (a ask) read(in *bufio.Reader) *answer {
	method, _, _ := strings.Cut(a.request, " ")
	got := new(answer)
	for {
		res, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			got.Broken = ending(err)
			return got
		}
		if res.StatusCode < 200 && res.StatusCode != http.StatusSwitchingProtocols {
			got.Interim = append(got.Interim, fmt.Sprint(res.StatusCode, res.Header))
			continue
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			got.Broken = ending(err)
		}
		got.Status, got.Proto, got.Header = res.StatusCode, res.Proto, res.Header
		got.TransferEncoding, got.ContentLength = res.TransferEncoding, res.ContentLength
		got.Close, got.Body, got.Trailer = res.Close, string(body), res.Trailer
		break
	}
	if _, err := http.ParseTime(got.Header.Get("Date")); err == nil {
		got.Header.Set("Date", "now")
	}
	if a.mayStay {
		got.mustClose, got.Close = got.Close, false
	}
	if a.changes {
		got.Body, got.ContentLength, got.TransferEncoding = "", 0, nil
		got.Header.Del("Content-Length")
	}
	return got
}

// countedLike takes out the one difference in framing that there may be: Genkan
// keeps back more of an answer before it chooses, so it has counted some that
// net/http sends in chunks.
func (a *answer) countedLike(reference *answer) {
	counted := a.ContentLength == int64(len(a.Body)) && len(a.TransferEncoding) == 0
	if counted && slices.Equal(reference.TransferEncoding, []string{"chunked"}) && reference.Body == a.Body {
		a.TransferEncoding, a.ContentLength = reference.TransferEncoding, reference.ContentLength
		a.Header.Del("Content-Length")
	}
}

// abridged is the answer with a long body cut, so that a difference can be read.
func (a *answer) abridged() answer {
	short := *a
	short.mustClose = false
	if n := len(a.Body); n > 500 {
		short.Body = fmt.Sprintf("%.100q … %d bytes, SHA-256 %x", a.Body, n, sha256.Sum256([]byte(a.Body)))
	}
	return short
}

// ending is how a connection ended that should not have: whether by an end or
// a reset is a matter of when the server closed, not of what it said.
func ending(err error) string {
	if e, ok := err.(net.Error); ok && e.Timeout() {
		return "nothing came for " + patience.String()
	}
	return "the connection ended"
}
