package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The parts of a message by themselves, each beside a second reader that was
// written from the grammar of the RFC alone: regular expressions, a whole part
// at a time.

var (
	fieldGrammar = regexp.MustCompile(`(?s)^([!#$%&'*+.^_` + "`" + `|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$`)
	valueGrammar = regexp.MustCompile(`^[\t\x20-\x7e\x{80}-\x{ff}]*$`)
	sizeGrammar  = regexp.MustCompile(`^([0-9A-Fa-f]{1,16})((?:;[!#$%&'*+.^_` + "`" + `|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_` + "`" + `|~0-9A-Za-z-]+|"(?:[\t \x21\x23-\x5b\x5d-\x7e\x{80}-\x{ff}]|\\[\t\x20-\x7e\x{80}-\x{ff}])*"))?)*)$`)
)

// wide makes bytes characters of the same number, which the expressions want.
func wide(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// narrow undoes wide.
func narrow(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// fieldsByGrammar reads field lines up to the empty line.
func fieldsByGrammar(in []byte) (fields []Field, rest []byte, ok bool) {
	for {
		line, after, found := bytes.Cut(in, []byte("\r\n"))
		if !found {
			return nil, nil, false
		}
		if in = after; len(line) == 0 {
			return fields, in, true
		}
		parts := fieldGrammar.FindStringSubmatch(wide(line))
		if parts == nil || !valueGrammar.MatchString(parts[2]) {
			return nil, nil, false
		}
		fields = append(fields, Field{parts[1], narrow(parts[2])})
	}
}

// chunksByGrammar reads a chunked body, and says whether all of in is one.
func chunksByGrammar(in []byte) (data []byte, trailers []Field, ok bool) {
	for {
		line, rest, found := bytes.Cut(in, []byte("\r\n"))
		// A quoted string may not hold a line's end, so the first one ends it.
		parts := sizeGrammar.FindStringSubmatch(wide(line))
		if !found || parts == nil {
			return nil, nil, false
		}
		size, err := strconv.ParseInt(parts[1], 16, 64)
		if err != nil {
			return nil, nil, false
		}
		if size == 0 {
			trailers, rest, ok := fieldsByGrammar(rest)
			return data, trailers, ok && len(rest) == 0 && !anyForbidden(trailers)
		}
		if size > int64(len(rest)) || !bytes.HasPrefix(rest[size:], []byte("\r\n")) {
			return nil, nil, false
		}
		data = append(data, rest[:size]...)
		in = rest[size+2:]
	}
}

func anyForbidden(fields []Field) bool {
	for _, f := range fields {
		if ForbiddenTrailer(f.Name) {
			return true
		}
	}
	return false
}

// unlimited leaves the grammar alone to refuse.
var unlimited = Limits{RequestLine: -1, Head: -1, FieldLine: -1, Fields: -1, TrailerFields: -1, TrailerBytes: -1, ExtensionLine: -1, ExtensionBody: -1}

// message is one whole request as the parser read it.
type message struct {
	Request
	body []byte
}

// readMessage reads one request. left is what comes after it, of a message that
// is whole; err may be that it is not.
func readMessage(in []byte) (got message, left []byte, err error) {
	p := RequestParser{Limits: unlimited}
	for {
		n, ev, err := p.Next(in, true)
		if err != nil {
			return got, nil, err
		}
		in = in[n:]
		got.body = append(got.body, ev.Data...)
		switch ev.Kind {
		case EventHead:
			got.Request = p.Request
		case EventEnd:
			got.Request = p.Request
			return got, in, nil
		case EventNeedMore:
			return got, nil, io.ErrUnexpectedEOF
		}
	}
}

// again writes a request with our serializer.
func again(r *message) []byte {
	out := AppendRequestLine(nil, r.Method, r.Target)
	for i := range r.Fields.Len() {
		out, _ = AppendField(out, r.Fields.Name(i), r.Fields.Value(i))
	}
	out = AppendHeadEnd(out)
	if !r.Chunked {
		return append(out, r.body...)
	}
	return AppendLastChunk(AppendChunk(out, r.body), r.Trailers)
}

// sameAgain: what was accepted, written and read again, is the same.
func sameAgain(t *testing.T, in []byte, got *message) {
	t.Helper()
	out := again(got)
	second, left, err := readMessage(out)
	if err != nil || len(left) > 0 {
		t.Fatalf("accepted %q, wrote %q, and read that with %v, %d bytes left", in, out, err, len(left))
	}
	if !equalFields(second.Fields.List(), got.Fields.List()) || !equalFields(second.Trailers, got.Trailers) ||
		!bytes.Equal(second.body, got.body) || second.ContentLength != got.ContentLength || second.Chunked != got.Chunked {
		t.Fatalf("accepted %q, wrote %q, which is another message", in, out)
	}
}

func equalFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// ruleOf is the rule that err says was broken.
func ruleOf(err error) Rule {
	if e, ok := err.(*Error); ok {
		return e.Rule
	}
	return Rule{}
}

// ofFieldSyntax: a breach of the grammar of lines, not of what fields mean.
func ofFieldSyntax(r Rule) bool {
	for syntax := ruleLeadingSpace; syntax <= ruleValueByte; syntax++ {
		if r == rules[syntax] {
			return true
		}
	}
	return r == rules[ruleLineEnd] || r == rules[ruleBareCR] || r == rules[ruleEOFHead] || r == rules[ruleEOFBody]
}

// FuzzFieldLines: the lines of a head, and as trailers, mean what the grammar
// says, however the network cuts them and when they are written again; and what
// the grammar allows is refused for its meaning alone.
func FuzzFieldLines(f *testing.F) {
	f.Add([]byte("Host: a\r\nA:b\r\nC: \t d e \t\r\n"), uint64(1))
	f.Add([]byte("Host: a\r\nA b: c\r\n"), uint64(2))
	f.Fuzz(func(t *testing.T, lines []byte, seed uint64) {
		section := append(bytes.Clone(lines), "\r\n"...)
		for _, before := range []string{"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"} {
			trailers := strings.HasSuffix(before, "0\r\n")
			in := append([]byte(before), section...)
			sameAtAnySplit(t, in, seed, func() parser { return new(RequestParser) })
			got, left, err := readMessage(in)
			want, rest, ok := fieldsByGrammar(section)
			if err != nil {
				if rule := ruleOf(err); ok && len(rest) == 0 && ofFieldSyntax(rule) && !bodyDue(want) {
					t.Fatalf("the grammar allows %q, and we refuse it: %v", in, err)
				}
				continue
			}
			read := got.Fields.List()
			if trailers {
				read = got.Trailers
			}
			if !ok || !equalFields(read, want) {
				t.Fatalf("%q: we read %q, the grammar %q, %v", in, read, want, ok)
			}
			if len(got.body)+len(left) > len(rest) {
				t.Fatalf("%q: body %q and %q after it, of %q", in, got.body, left, rest)
			}
			sameAgain(t, in, &got)
		}
	})
}

// bodyDue: the fields announce a body, which may end too soon.
func bodyDue(fields []Field) bool {
	for _, f := range fields {
		if equalFold(f.Name, "content-length") || equalFold(f.Name, "transfer-encoding") {
			return true
		}
	}
	return false
}

// lengthByGrammar is RFC 9112 6.3 as a second reader has it: the length of the
// body, -1 for chunks; false: the message must be refused.
func lengthByGrammar(fields []Field, minor int) (length int64, ok bool) {
	var lengths, codings []string
	for _, f := range fields {
		switch strings.ToLower(f.Name) {
		case "content-length":
			lengths = append(lengths, f.Value)
		case "transfer-encoding":
			codings = append(codings, f.Value)
		}
	}
	switch {
	case len(lengths)+len(codings) > 1:
		return 0, false
	case len(codings) == 1:
		return -1, minor > 0 && strings.ToLower(codings[0]) == "chunked"
	case len(lengths) == 1:
		n, err := strconv.ParseUint(lengths[0], 10, 63)
		return int64(n), err == nil
	}
	return 0, true
}

// FuzzFraming: fields that say how long a body is, in any number, order and
// spelling. We and the second reader agree on whether that is one length, and
// on the length; net/http finds the same body, or one of us refuses; answers too.
func FuzzFraming(f *testing.F) {
	f.Add("Content-Length: 3\r\n", "", "", []byte("abc"), uint64(1), false)
	f.Add("Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "", []byte("0\r\n\r\n"), uint64(2), false)
	f.Fuzz(func(t *testing.T, first, second, third string, body []byte, seed uint64, old bool) {
		version, minor := "HTTP/1.1\r\n", 1
		if old {
			version, minor = "HTTP/1.0\r\n", 0
		}
		lines := "Host: a\r\n" + first + second + third + "\r\n"
		in := append([]byte("POST / "+version+lines), body...)
		sameAtAnySplit(t, in, seed, func() parser { return new(RequestParser) })
		answer := append([]byte(version[:8]+" 200 OK\r\n"+lines), body...)
		sameAtAnySplit(t, answer, seed, func() parser {
			p := new(ResponseParser)
			p.Expect("GET")
			return p
		})
		sameAnswer(t, answer)

		fields, _, lawful := fieldsByGrammar([]byte(lines + string(body)))
		length, one := lengthByGrammar(fields, minor)
		got, _, err := readMessage(in)
		if err != nil {
			if rule := ruleOf(err); lawful && one && ofFraming(rule) {
				t.Fatalf("%q has one length, %d, and we refuse it: %v", in, length, err)
			}
			return
		}
		if !lawful || !one || got.ContentLength != length || got.Chunked != (length < 0) {
			t.Fatalf("%q: we read length %d, the second reader %d, %v", in, got.ContentLength, length, lawful && one)
		}
		if !old { // the serializer writes 1.1
			sameAgain(t, in, &got)
		}
		if ours, ok := readOurs(in); ok {
			if theirs, err := readTheirs(in); err == nil && theirs != ours.text {
				t.Fatalf("%q\nwe read:\n%s\nnet/http reads:\n%s", in, ours.text, theirs)
			}
		}
	})
}

// ofFraming: a breach of what Content-Length and Transfer-Encoding mean.
func ofFraming(r Rule) bool {
	for framing := ruleLengthOnce; framing <= ruleCodingUnknown; framing++ {
		if r == rules[framing] {
			return true
		}
	}
	return false
}

// sameAnswer: net/http reads the body of an answer that we accept alike, or
// refuses it.
func sameAnswer(t *testing.T, in []byte) {
	t.Helper()
	p := ResponseParser{Limits: unlimited}
	p.Expect("GET")
	var body []byte
	for rest := in; ; {
		n, ev, err := p.Next(rest, true)
		if err != nil {
			return
		}
		rest = rest[n:]
		body = append(body, ev.Data...)
		if ev.Kind == EventEnd {
			break
		}
		if ev.Kind == EventNeedMore {
			return
		}
	}
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(in)), &http.Request{Method: "GET"})
	if err != nil {
		return
	}
	if theirs, err := io.ReadAll(r.Body); err == nil && !bytes.Equal(theirs, body) {
		t.Fatalf("%q: we read the body %q, net/http %q", in, body, theirs)
	}
}

// FuzzChunked: a chunked body is what the grammar says, data and trailers, and
// nothing that it does not allow is one; net/http reads the same data or refuses.
func FuzzChunked(f *testing.F) {
	f.Add([]byte("3\r\nabc\r\n0\r\n\r\n"), uint64(1))
	f.Add([]byte("3;a=\"b\\\"\"\r\nabc\r\n0\r\nX: y\r\n\r\n"), uint64(2))
	const head, answerHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	f.Fuzz(func(t *testing.T, body []byte, seed uint64) {
		in := append([]byte(head), body...)
		sameAtAnySplit(t, in, seed, func() parser { return new(RequestParser) })
		answer := append([]byte(answerHead), body...)
		sameAtAnySplit(t, answer, seed, func() parser { p := new(ResponseParser); p.Expect("GET"); return p })
		sameAnswer(t, answer)

		got, left, err := readMessage(in)
		if err != nil {
			if _, _, ok := chunksByGrammar(body); ok {
				t.Fatalf("the grammar allows the body %q, and we refuse it: %v", body, err)
			}
			return
		}
		data, trailers, ok := chunksByGrammar(body[:len(body)-len(left)])
		if !ok || !bytes.Equal(data, got.body) || !equalFields(trailers, got.Trailers) {
			t.Fatalf("%q: we read %q and trailers %q, the grammar %q and %q, %v", body, got.body, got.Trailers, data, trailers, ok)
		}
		sameAgain(t, in, &got)
	})
}
