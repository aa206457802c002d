package watch

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

// Values of secrets are X's here, so that a single byte that escapes is seen.
var secretHeads = []string{
	"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic XXXXXXXX\r\nAccept: */*\r\n\r\n",
	"GET / HTTP/1.1\r\nCOOKIE:XX\r\nproxy-authorization:\t XXX\r\n\r\n",
	"HTTP/1.1 200 OK\r\nset-cookie: XXX=XXX; XXXX\r\nSet-Cookie: XX\r\n\r\n",
	"GET / HTTP/1.1\r\nX-Api-Key: XXXX\r\nX-Amz-Security-Token: XXXX\r\nX-Vault-Token: X\r\n\r\n",
	"GET / HTTP/1.1\r\nCookie: XXX\r\n XXX folded\r\n\tXXX\r\nHost: a\r\n\r\n", // obs-fold, RFC 9112 5.2
	"GET / HTTP/1.1\r\nCookie : XXX\r\n\r\n",                                   // refused, but it came
	"GET / HTTP/1.1\n Cookie: XXX\nHost: a\n\n",                                // LF alone
	"GET / HTTP/1.1\rCookie: XXX\r\r",                                          // CR alone
	"GET / HTTP/1.1\r\nCookie: XXX\rXXX\r\nHost: a\r\n\r\n",                    // CR inside the value
	"GET / HTTP/1.1\r\nCookie:\r\n XXX\r\n\r\n",
}

func TestSecretsAreHiddenHoweverTheyAreCut(t *testing.T) {
	for _, head := range secretHeads {
		whole := cutAt(head, nil)
		if strings.Contains(whole, "X-A") && strings.Contains(whole, "XX") || !strings.Contains(head, "X-") && strings.Contains(whole, "X") {
			t.Errorf("whole: %q", whole)
		}
		for seed := range uint64(200) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			var cuts []int
			for i := 1; i < len(head); i++ {
				if rnd.IntN(1+int(seed)%10) == 0 { // seed 0: bytewise
					cuts = append(cuts, i)
				}
			}
			got := strings.ReplaceAll(cutAt(head, cuts), "X-", "x-")
			if strings.Contains(got, "X") {
				t.Fatalf("cut at %v: %q", cuts, got)
			}
			for _, open := range []string{"Host: a", "HTTP/1.1"} {
				if strings.Contains(head, open) && !strings.Contains(got, open) {
					t.Fatalf("cut at %v: %q is hidden too, in %q", cuts, open, got)
				}
			}
		}
	}
}

func cutAt(s string, cuts []int) string {
	var h hider
	var out []byte
	from := 0
	for _, to := range append(cuts, len(s)) {
		out = h.hide(out, []byte(s[from:to]), int64(from), to-from)
		from = to
	}
	return string(out)
}

// Through the printer: a value in three calls, in text and in JSON.
func TestSecretSplitOverCalls(t *testing.T) {
	s := newStory()
	s.recv(1, "GET / HTTP/1.1\r\nAuthorization: Bea")
	s.recv(1, "rer XXXXXX")
	s.recv(1, "XXXXX\r\nHost: a\r\n\r\n")
	for _, o := range []Options{{Level: 2}, {Level: 2, JSON: true}} {
		got := printed(o, s.events)
		if strings.Contains(got, "XX") || strings.Contains(got, "rer") || !strings.Contains(got, "Host: a") {
			t.Errorf("%+v:\n%s", o, got)
		}
	}
}

// Where bytes are missing, nobody knows whether what follows is the rest of a
// secret: it is not shown, up to the line's end.
func TestGapsAreNotTrusted(t *testing.T) {
	line := "XXXX\r\nHost: a\r\n"
	const off = 1000
	var h hider
	got := string(h.hide(nil, []byte(line), off, len(line)))
	if got != "[not shown]\r\nHost: a\r\n" {
		t.Errorf("beginning in the middle: %q", got)
	}
	got = string(h.hide(nil, []byte(line), off+500, len(line)))
	if got != "[not shown]\r\nHost: a\r\n" {
		t.Errorf("after a lost event: %q", got)
	}
	h = hider{}
	h.hide(nil, []byte("Cookie"), 0, 10) // the ring kept 6 of 10
	if got = string(h.hide(nil, []byte(line), 10, len(line))); got != "[not shown]\r\nHost: a\r\n" {
		t.Errorf("after bytes that were not kept: %q", got)
	}
}

// A file that was sent by sendfile has no bytes in the trace; the next answer
// is shown all the same, because the server has said where it begins.
func TestNextAnswerIsShownAfterSendfile(t *testing.T) {
	s := newStory()
	s.respond(1, okHead)
	s.send(1, okHead)
	s.add(trace.Event{Verb: trace.Sendfile, Conn: 1, FD: 7, Off: s.out[1], Len: 6, Args: "7, 9, 0, 6", Result: "6"})
	s.out[1] += 6
	s.respond(1, okHead)
	s.send(1, okHead)
	got := printed(Options{Level: 2}, s.events)
	if strings.Contains(got, notShownMark) || strings.Count(got, `"HTTP/1.1 200 OK`) != 2 {
		t.Errorf("got\n%s", got)
	}
}

// The same for a request after a body of which the ring kept a part.
func TestNextRequestIsShownAfterLongBody(t *testing.T) {
	s := newStory()
	s.recv(1, postHead)
	s.parse(1, postHead, 0)
	s.recv(1, strings.Repeat("a", 120))
	s.events[2].Data = s.events[2].Data[:10]
	s.recv(1, getHead)
	got := printed(Options{Level: 2}, s.events)
	if strings.Contains(got, notShownMark) || !strings.Contains(got, `"GET /again`) {
		t.Errorf("got\n%s", got)
	}
}

func TestSecretsInWordsAreHidden(t *testing.T) {
	for _, o := range []Options{{Level: 1}, {Level: 1, JSON: true}, {Level: 2}} {
		got := printed(o, []trace.Event{
			{Verb: trace.Parse, Conn: 1, Time: began, Err: errors.New(`NUL in "Authorization: Basic XXXX"`)},
			{Verb: trace.Close, Conn: 1, Time: began, Note: "bad field cookie: XX"},
		})
		if strings.Contains(got, "XX") || !strings.Contains(got, "NUL in") {
			t.Errorf("%+v:\n%s", o, got)
		}
	}
}

func TestWhatIsSecret(t *testing.T) {
	for _, name := range []string{"Authorization", "PROXY-AUTHORIZATION", "Cookie", "Set-Cookie", "X-Api-Key", "X-CSRF-Token", "X-Auth-Token", "Authentication-Info"} {
		if !Secret(name) {
			t.Errorf("%s is shown", name)
		}
	}
	for _, name := range []string{"Host", "User-Agent", "Accept", "Sec-WebSocket-Key", "WWW-Authenticate", "Content-Length", ""} {
		if Secret(name) {
			t.Errorf("%s is hidden", name)
		}
	}
}

func FuzzHider(f *testing.F) {
	for _, head := range secretHeads {
		f.Add(head, uint16(7))
	}
	f.Fuzz(func(t *testing.T, s string, at uint16) {
		cut := 0
		if len(s) > 0 {
			cut = int(at) % len(s)
		}
		whole := strings.ReplaceAll(cutAt(s, nil), hiddenMark, "")
		pieces := strings.ReplaceAll(cutAt(s, []int{cut}), hiddenMark, "")
		if cut > 0 && whole != pieces {
			t.Errorf("whole %q\ncut at %d %q", whole, cut, pieces)
		}
	})
}

// Of HTTP/2 a printer shows the preface and no frame: their fields cannot be
// read by lines. That holds for what comes with the preface, for the preface in
// pieces, and for what the engine reads and sends later.
func TestFramesAreNotPrinted(t *testing.T) {
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for cut := 0; cut <= len(preface); cut++ {
		s := newStory()
		s.accept(1)
		s.recv(1, preface[:cut])
		s.recv(1, preface[cut:]+"\x00\x00\x04\x01\x05\x00\x00\x00\x01XXXX")
		s.verb(1, trace.Close, http1.HandedToHTTP2.String())
		s.add(trace.Event{Verb: trace.Close, Conn: 1, FD: 7, Args: "7", Result: "0"}) // of the descriptor that the server had
		s.send(1, "XXXX")
		s.recv(1, "XXXX\r\nHost: XXXX\r\n")
		s.verb(1, trace.Close, "closed by who had taken it")
		s.recv(2, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		s.closed(2, "peer closed")
		for _, o := range []Options{{Level: 1}, {Level: 2}, {Level: 2, JSON: true}} {
			got := printed(o, s.events)
			if strings.Contains(got, "XX") || strings.Contains(got, "STILL") || o.Level == 2 && !strings.Contains(got, "Host: a") {
				t.Errorf("cut at %d, %+v:\n%s", cut, o, got)
			}
		}
	}
	s := newStory()
	s.verb(1, trace.Close, http1.HandedToHTTP2.String()) // inside TLS no preface has been seen by then
	s.add(trace.Event{Conn: 1, FD: -1, Verb: trace.Encrypt, Len: 4, Data: []byte("XXXX")})
	s.verb(1, trace.Close, "closed by who had taken it")
	for _, o := range []Options{{Level: 2}, {Level: 2, JSON: true}} {
		if got := printed(o, s.events); strings.Contains(got, "XX") || strings.Contains(got, "STILL") {
			t.Error(got)
		}
	}
	// After a loss nobody knows what a connection in other hands speaks.
	var b strings.Builder
	p := Text(&b, Options{Level: 2})
	p.Lost(3)
	p.Print(trace.Event{Conn: 1, FD: -1, Verb: trace.Encrypt, Off: 9, Len: 5, Data: []byte("\nXXXX")})
	if strings.Contains(b.String(), "XX") {
		t.Error(b.String())
	}
}
