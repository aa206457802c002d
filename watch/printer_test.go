package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

var update = flag.Bool("update", false, "rewrite testdata from what is printed")

var began = time.Date(2025, 5, 4, 3, 2, 1, 0, time.UTC)

// story makes events as a server emits them, 100 µs apart.
type story struct {
	events []trace.Event
	in     map[uint64]int64
	out    map[uint64]int64
}

func newStory() *story { return &story{in: map[uint64]int64{}, out: map[uint64]int64{}} }

func (s *story) add(e trace.Event) {
	e.Seq = uint64(len(s.events) + 1)
	e.Time = began.Add(time.Duration(len(s.events)) * 100 * time.Microsecond)
	if e.Took == 0 && e.Result != "" {
		e.Took = 2100 * time.Nanosecond
	}
	s.events = append(s.events, e)
}

func (s *story) accept(conn uint64) {
	s.add(trace.Event{Verb: trace.Accept, Conn: conn, FD: 7, Args: "3, SOCK_NONBLOCK", Result: "7 127.0.0.1:51234", Note: "127.0.0.1:51234 (tcp)"})
}

func (s *story) recv(conn uint64, data string) {
	s.add(trace.Event{Verb: trace.Recv, Conn: conn, FD: 7, Off: s.in[conn], Len: len(data), Data: []byte(data), Args: "7, 16384", Result: fmt.Sprint(len(data))})
	s.in[conn] += int64(len(data))
}

func (s *story) send(conn uint64, data string) {
	s.add(trace.Event{Verb: trace.Send, Conn: conn, FD: 7, Off: s.out[conn], Len: len(data), Data: []byte(data), Args: fmt.Sprintf("7, %d", len(data)), Result: fmt.Sprint(len(data))})
	s.out[conn] += int64(len(data))
}

// parse is of a head that ends so many bytes before the end of what came.
func (s *story) parse(conn uint64, head string, after int) {
	note, _, _ := strings.Cut(head, "\r\n")
	s.add(trace.Event{Verb: trace.Parse, Conn: conn, FD: 7, Off: s.in[conn] - int64(after+len(head)), Len: len(head), Data: []byte(head), Note: note})
}

func (s *story) respond(conn uint64, head string) {
	note, _, _ := strings.Cut(head, "\r\n")
	s.add(trace.Event{Verb: trace.Respond, Conn: conn, FD: 7, Off: s.out[conn], Len: len(head), Data: []byte(head), Note: note})
}

func (s *story) handle(conn uint64, pattern string) {
	s.add(trace.Event{Verb: trace.Handle, Conn: conn, FD: 7, Took: 1234567 * time.Nanosecond, Note: pattern})
}

func (s *story) verb(conn uint64, v trace.Verb, note string) {
	s.add(trace.Event{Verb: v, Conn: conn, FD: 7, Note: note})
}

func (s *story) closed(conn uint64, reason string) {
	s.verb(conn, trace.Close, reason)
	s.add(trace.Event{Verb: trace.Shutdown, Conn: conn, FD: 7, Args: "7, SHUT_WR", Result: "0"})
	s.add(trace.Event{Verb: trace.Close, Conn: conn, FD: 7, Args: "7", Result: "0"})
}

const (
	postHead = "POST /test HTTP/1.1\r\nHost: localhost:8080\r\nAuthorization: Basic c2VjcmV0\r\nContent-Length: 120\r\n\r\n"
	getHead  = "GET /again HTTP/1.1\r\nHost: localhost:8080\r\nCookie: id=c2VjcmV0\r\n\r\n"
	okHead   = "HTTP/1.1 200 OK\r\nSet-Cookie: id=c2VjcmV0; HttpOnly\r\nContent-Length: 6\r\n\r\n"
	chunked  = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
)

// day is two connections that take turns: a POST whose body comes in two
// pieces and which is kept open, a chunked answer, a refusal, a handed-over
// baton, a loss of nothing.
func day() []trace.Event {
	s := newStory()
	s.add(trace.Event{Verb: trace.Socket, FD: 3, Args: "AF_INET, SOCK_STREAM", Result: "3"})
	s.add(trace.Event{Verb: trace.Bind, FD: 3, Args: "3, 127.0.0.1:80", Result: "EACCES (permission denied)", Err: errors.New("bind 127.0.0.1:80: permission denied")})
	s.accept(1)
	s.recv(1, postHead[:60])
	s.recv(1, postHead[60:]+strings.Repeat("a", 20))
	s.parse(1, postHead, 20)
	s.accept(2)
	s.recv(1, strings.Repeat("a", 100))
	s.verb(1, trace.Baton, "taken by the watchman")
	s.recv(2, getHead)
	s.parse(2, getHead, 0)
	s.handle(1, "/test")
	s.respond(1, okHead)
	s.send(1, okHead+"Hello\n")
	s.verb(1, trace.Rest, "")
	s.respond(2, chunked)
	s.send(2, chunked+"3\r\nabc\r\n")
	s.send(2, "0\r\n\r\n")
	s.handle(2, "")
	s.verb(2, trace.Rest, "")
	s.recv(1, getHead)
	s.parse(1, getHead, 0)
	s.respond(1, okHead)
	s.send(1, okHead+"Hello\n")
	bad := "GET /\x1b[2J HTTP/1.1\r\n"
	s.recv(2, bad)
	s.add(trace.Event{Verb: trace.Parse, Conn: 2, FD: 7, Data: []byte(bad), Err: errors.New("400: control character in the target, at byte 5")})
	s.closed(2, "refused")
	s.closed(1, "idle for 75s")
	return s.events
}

func printed(o Options, events []trace.Event) string {
	var b bytes.Buffer
	p := Text(&b, o)
	for _, e := range events {
		p.Print(e)
	}
	if len(p.conns) != 0 {
		b.WriteString(fmt.Sprintf("STILL REMEMBERED: %d connections\n", len(p.conns)))
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, o := range map[string]Options{
		"level1.txt":    {Level: 1},
		"level1.ja.txt": {Level: 1, Lang: "ja"},
		"level1.json":   {Level: 1, JSON: true},
		"level2.txt":    {Level: 2},
		"level2.json":   {Level: 2, JSON: true},
		"color.txt":     {Level: 2, Color: true},
		"secrets.txt":   {Level: 2, ShowSecrets: true},
	} {
		t.Run(name, func(t *testing.T) {
			got := printed(o, day())
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("not as in %s (go test ./watch -update rewrites it):\n%s", path, got)
			}
			if strings.Contains(got, "c2Vj") != o.ShowSecrets {
				t.Errorf("the secret is shown: %v, asked for: %v", !o.ShowSecrets, o.ShowSecrets)
			}
			if strings.Contains(got, "STILL") {
				t.Error("closed connections are remembered: a printer that lives for years would grow")
			}
		})
	}
}

func TestLossIsSaid(t *testing.T) {
	ring := trace.NewRing(trace.Options{Events: 2, Bytes: 100})
	rd := ring.Reader()
	for range 14 {
		ring.Emit(trace.Event{Verb: trace.Rest, Conn: 1, Time: time.Now()})
	}
	rd.Close()
	var b bytes.Buffer
	if err := Text(&b, Options{}).Run(context.Background(), rd); err != nil {
		t.Fatal(err)
	}
	want := "… 12 events lost: the terminal was slower than the traffic\n[1] * keeping it open\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q: what happened before Close is still shown", b.String(), want)
	}
}

// What is known of a connection is not true any more when events are lost, and
// its close may be among them.
func TestLossForgetsConnections(t *testing.T) {
	p := Text(&bytes.Buffer{}, Options{})
	p.Print(trace.Event{Verb: trace.Accept, Conn: 1})
	p.Lost(1)
	if len(p.conns) != 0 {
		t.Error("connections are remembered over a loss: without their close, for ever")
	}
}

func TestRunEndsWhenTheWriterFails(t *testing.T) {
	ring := trace.NewRing(trace.Options{})
	rd := ring.Reader()
	ring.Emit(trace.Event{Verb: trace.Accept, Conn: 1, Time: time.Now()})
	full := errors.New("no space left")
	done := make(chan error, 1)
	go func() { done <- Text(failing{full}, Options{}).Run(context.Background(), rd) }()
	select {
	case err := <-done:
		if !errors.Is(err, full) {
			t.Errorf("err = %v, want the writer's", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Run goes on although nobody can read it")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Whatever comes over the wire or out of an error: each line is valid JSON, or
// text in which nothing acts on the terminal.
func TestNothingReachesTheTerminal(t *testing.T) {
	evil := "GET /\x1b]0;owned\x07\x9b2J\u009b\u202e\u2066\u200b\x00\x7f\xff\xc0\xaf\r\x08\" \\x1b HTTP/1.1\r\nX: \x1b[2J\u202etxt\r\n\r\n"
	var events []trace.Event
	for v := trace.None; v.String() != "unknown"; v++ {
		for _, call := range []string{"", evil} {
			events = append(events, trace.Event{
				Verb: v, Conn: 1, Time: began, Len: len(evil), Data: []byte(evil),
				Args: call, Result: call, Note: evil, Err: errors.New(evil),
			})
		}
	}
	for _, o := range []Options{
		{Level: 1}, {Level: 2}, {Level: 2, ShowSecrets: true}, {Level: 1, JSON: true}, {Level: 2, JSON: true},
	} {
		for _, e := range events {
			for _, line := range strings.SplitAfter(printed(o, []trace.Event{e}), "\n") {
				text := strings.TrimSuffix(line, "\n")
				if bad := strings.IndexFunc(text, acts); bad >= 0 {
					t.Fatalf("%+v, %v: %q acts on the terminal in %q", o, e.Verb, text[bad:min(bad+4, len(text))], text)
				}
				if o.JSON && text != "" && !strings.HasPrefix(text, "STILL") && !json.Valid([]byte(text)) {
					t.Fatalf("not JSON: %s", text)
				}
			}
		}
	}
	if got := Call(events[len(events)-1]); strings.IndexFunc(got, acts) >= 0 {
		t.Errorf("Call lets through %q", got)
	}
}

// acts is written apart from visible.go on purpose.
func acts(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffd ||
		r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// An escape that stands in the text cannot be told from one of ours unless the
// backslash is doubled.
func TestVisibleIsUnambiguous(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"\x1b", `\x1b`, `\\x1b`, "\n", `\n`, "\u202e", `\u202e`, "\xe3\x81", "あ", "é"} {
		got := string(appendVisible(nil, s, inQuotes))
		if other, twice := seen[got]; twice {
			t.Errorf("%q and %q are both shown as %s", s, other, got)
		}
		seen[got] = s
	}
	if got := string(appendVisible(nil, "玄関 é", asText)); got != "玄関 é" {
		t.Errorf("readable text is shown as %s", got)
	}
}

// What a parser says of the peer's bytes is quoted already, and is not escaped
// once more; what is not quoted still cannot act, nor be imitated.
func TestRefusalIsEscapedOnce(t *testing.T) {
	const sent = "GET / HTTP/1.1\r\nHost: h\r\nA: b\x1bc\\\r\n\r\n"
	var parser http1.RequestParser
	_, _, err := parser.Next([]byte(sent), true)
	if err == nil || !strings.Contains(err.Error(), `"\x1b"`) {
		t.Fatalf("the parser says %v", err)
	}
	e := trace.Event{Verb: trace.Parse, Conn: 1, Note: "refused", Data: []byte(sent), Len: len(sent), Err: err, Time: began}
	for level := 1; level <= 2; level++ {
		text := printed(Options{Level: level, Lang: "en"}, []trace.Event{e, {Verb: trace.Close, Conn: 1, Time: began}})
		if !strings.Contains(text, "refused: "+err.Error()+"\n") {
			t.Errorf("level %d: %q does not say %q", level, text, err)
		}
		if !strings.Contains(text, `A: b\x1bc\\`+"\n") {
			t.Errorf("level %d: %q: in the head the peer's own backslash is doubled", level, text)
		}
	}
	if got := Call(e); !strings.Contains(got, err.Error()) {
		t.Errorf("Call: %q does not say %q", got, err)
	}
	e.Err = errors.New("\x1b[2J")
	if got := printed(Options{Level: 1, Lang: "en"}, []trace.Event{e}); strings.Contains(got, "\x1b") {
		t.Errorf("%q acts on the terminal", got)
	}
	e.Err, e.Note = nil, `GET /\x1b HTTP/1.1`
	if got := Call(e); !strings.Contains(got, `GET /\\x1b`) {
		t.Errorf("Call: %q: a target can imitate an escape", got)
	}
}

// JSON's data is the bytes, one character each.
func TestJSONDataIsExact(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	line := printed(Options{Level: 2, JSON: true, ShowSecrets: true}, []trace.Event{{Verb: trace.Recv, FD: 7, Time: began, Len: 256, Data: all, Result: "256"}})
	var got struct{ Data string }
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	var back []byte
	for _, r := range got.Data {
		back = append(back, byte(r))
	}
	if !bytes.Equal(back, all) {
		t.Errorf("got back %q", back)
	}
}

func BenchmarkPrintLevel2(b *testing.B) {
	events := day()
	p := Text(&bytes.Buffer{}, Options{Level: 2})
	b.ReportAllocs()
	for b.Loop() {
		p.w.(*bytes.Buffer).Reset()
		for _, e := range events {
			p.Print(e)
		}
	}
}
