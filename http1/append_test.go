package http1

import (
	"net/http"
	"net/textproto"
	"strings"
	"testing"
)

func TestAppendField(t *testing.T) {
	for _, c := range []struct{ name, value, want, why string }{
		{"A", "b", "A: b\r\n", "the ordinary case"},
		{"A", "", "A: \r\n", "an empty value is a value, RFC 9110 5.5"},
		{"A", " \tb c\t ", "A: b c\r\n", "white space around a value is not part of it, RFC 9110 5.5"},
		{"A", "b\r\nC: d", "A: b  C: d\r\n", "CR and LF become spaces, as net/http does"},
		{"A", "\r\nb\n", "A: b\r\n", "and spaces at the ends go"},
		{"A", "a\tb", "A: a\tb\r\n", "a tab is allowed, RFC 9110 5.5"},
		{"A", "12345678901\x00", "", "NUL is not, RFC 9110 5.5"},
		{"A", "a\x7f", "", "nor DEL"},
		{"A", "caf\xc3\xa9", "A: caf\xc3\xa9\r\n", "obs-text is handed on"},
		{"", "b", "", "a name has a byte"},
		{"A b", "c", "", "a name is a token"},
		{"A:", "c", "", "a name is a token"},
		{"A\r\nB", "c", "", "a name cannot end its line"},
	} {
		out, ok := AppendField([]byte("x"), c.name, c.value)
		if string(out) != "x"+c.want || ok != (c.want != "") {
			t.Errorf("AppendField(%q, %q) = %q, %v; want %q: %s", c.name, c.value, out, ok, c.want, c.why)
		}
	}
}

func TestAppendMessages(t *testing.T) {
	check := func(got []byte, want, why string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("got %q, want %q: %s", got, want, why)
		}
	}
	check(AppendStatusLine(nil, 200), "HTTP/1.1 200 OK\r\n", "RFC 9112 4")
	check(AppendStatusLine(nil, 299), "HTTP/1.1 299 \r\n", "the space stays without a phrase, RFC 9112 4")
	check(AppendStatusLine(nil, 999), "HTTP/1.1 999 \r\n", "three digits")
	check(AppendStatusLine(nil, 7), "HTTP/1.1 500 Internal Server Error\r\n", "not three digits: a mistake of the handler")
	check(AppendContentLength(nil, 0), "Content-Length: 0\r\n", "RFC 9110 8.6")
	check(AppendContentLength(nil, -1), "", "no length, no field")
	check(AppendChunk(nil, nil), "", "an empty chunk would end the body, RFC 9112 7.1")
	check(AppendChunk(nil, []byte("0123456789")), "a\r\n0123456789\r\n", "RFC 9112 7.1")
	check(AppendChunkHeader(nil, 0), "", "a size of zero ends the body")
	check(AppendLastChunk(nil, nil), "0\r\n\r\n", "RFC 9112 7.1")
	check(AppendLastChunk(nil, []Field{{"X", "y"}, {"Content-Length", "5"}, {"Bad name", "z"}}),
		"0\r\nX: y\r\n\r\n", "no framing field is a trailer, RFC 9110 6.5.1")
	check(AppendRequestLine(nil, "GET", "/a?b"), "GET /a?b HTTP/1.1\r\n", "RFC 9112 3")
	check(AppendRequestLine(nil, "GET", "/ HTTP/1.1\r\nX: y"), "", "a target cannot end its line")
	check(AppendRequestLine(nil, "G T", "/"), "", "a method is a token")
}

func TestReasonPhrases(t *testing.T) {
	newer := map[int]string{413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"} // as RFC 9110 calls them
	for code := 100; code < 600; code++ {
		want := http.StatusText(code)
		if s, ok := newer[code]; ok {
			want = s
		}
		if want == "I'm a teapot" || code == 416 || code == 510 {
			continue // unused, renamed and obsoleted in the registry
		}
		if got := ReasonPhrase(code); got != want {
			t.Errorf("%d: %q, want %q: the IANA registry", code, got, want)
		}
	}
}

func TestCanonicalName(t *testing.T) {
	for _, s := range []string{"", "host", "HOST", "Host", "user-agent", "sec-ch-ua-platform", "x-my-own-name", "X-My-Own-Name",
		"ETag", "WWW-Authenticate", "a b", "a:", "-", "--a", "a_b-c", "x\xc3", "content-Length", "0a-0a", strings.Repeat("ab-", 40)} {
		if got, want := CanonicalName(s), textproto.CanonicalMIMEHeaderKey(s); got != want {
			t.Errorf("CanonicalName(%q) = %q, want %q as net/textproto", s, got, want)
		}
	}
	for _, s := range []string{"Host", "X-My-Own-Name", "user-agent", "SEC-CH-UA"} {
		if n := testing.AllocsPerRun(100, func() { CanonicalName(s) }); n != 0 {
			t.Errorf("CanonicalName(%q) allocates %v times; canonical and common names must not", s, n)
		}
	}
}

func TestHasToken(t *testing.T) {
	for _, c := range []struct {
		list string
		want bool
	}{{"close", true}, {"Close", true}, {"a, CLOSE", true}, {"a,\tclose ,b", true}, {"", false}, {"closed", false},
		{"a close", false}, {",,close", true}, {"clos", false}, {"close;q=1", false}, {" close", true}} {
		if got := HasToken(c.list, "close"); got != c.want {
			t.Errorf("HasToken(%q, close) = %v, want %v: a list of tokens, RFC 9110 5.6.1", c.list, got, c.want)
		}
	}
}

func TestOneAllocationPerHead(t *testing.T) {
	var p RequestParser
	in := []byte(browserHead)
	if n := testing.AllocsPerRun(100, func() {
		p.Next(in, false)
		p.Next(nil, false)
	}); n != 1 {
		t.Errorf("%v allocations for a head, want 1: its string", n)
	}
}

func TestResetForgets(t *testing.T) {
	p := RequestParser{Limits: Limits{Fields: 2}}
	if _, _, err := p.Next([]byte("G(T"), false); err == nil {
		t.Fatal("a broken method was accepted")
	}
	p.Reset()
	n, ev, err := p.Next([]byte(plainHead), false)
	if n != len(plainHead) || ev.Kind != EventHead || err != nil {
		t.Errorf("after Reset: %d %v %v, want a head: nothing of the last connection stays", n, ev, err)
	}
	if p.BetweenMessages() {
		t.Error("between messages before EventEnd")
	}
	if p.Limits.Fields != 2 {
		t.Error("Reset forgot the limits")
	}
}

func TestCloseReasonsHaveWords(t *testing.T) {
	for r := range closeReasons {
		if r.String() == "" {
			t.Errorf("close reason %d has no words: every close has a reason in the log", r)
		}
	}
}
