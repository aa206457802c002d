package http1

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// seeds are the bytes of every conversation of one kind that are short enough
// to be worth mutating.
func seeds(f *testing.F, kind string) (all [][]byte) {
	for _, file := range conversations(f) {
		for _, c := range file.Conversations {
			if c.Kind == kind && len(c.In) < 1000 {
				all = append(all, c.In)
			}
		}
	}
	return all
}

// cut splits in at random places.
func cut(in []byte, seed uint64) (pieces [][]byte) {
	r := rand.New(rand.NewPCG(seed, 1))
	for len(in) > 0 {
		n := 1 + r.IntN(len(in))
		pieces = append(pieces, in[:n])
		in = in[n:]
	}
	return pieces
}

// sameAtAnySplit is the property that makes a parser one: the network's cuts
// mean nothing. replay also holds that each error is an *Error and stays.
func sameAtAnySplit(t *testing.T, in []byte, seed uint64, make func() parser) {
	for _, eof := range []bool{false, true} {
		whole := replay(t, make(), [][]byte{in}, eof)
		if got := replay(t, make(), bytewise(in), eof); got != whole {
			t.Fatalf("byte by byte (eof %v) %q:\n%swhole:\n%s", eof, in, got, whole)
		}
		if got := replay(t, make(), cut(in, seed), eof); got != whole {
			t.Fatalf("cut with seed %d (eof %v) %q:\n%swhole:\n%s", seed, eof, in, got, whole)
		}
	}
}

func FuzzRequest(f *testing.F) {
	for i, in := range seeds(f, "request") {
		f.Add(in, uint64(i), false)
		f.Add(in, uint64(i), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64, tight bool) {
		var l Limits
		if tight { // small limits are met by short inputs
			l = Limits{RequestLine: 40, Head: 80, FieldLine: 30, Fields: 3, TrailerFields: 2, TrailerBytes: 30, ExtensionLine: 10, ExtensionBody: 12}
		}
		sameAtAnySplit(t, in, seed, func() parser { return &RequestParser{Limits: l} })
	})
}

func FuzzResponse(f *testing.F) {
	for i, in := range seeds(f, "response") {
		f.Add(in, uint64(i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, in []byte, seed uint64, methods uint8) {
		sameAtAnySplit(t, in, seed, func() parser {
			p := new(ResponseParser)
			for i := range 4 {
				p.Expect([]string{"GET", "HEAD", "CONNECT", "POST"}[methods>>(2*i)&3])
			}
			return p
		})
	})
}

// FuzzSerialize: what we serialise we can parse, and it says what was meant:
// nothing in a value can end its line, or its chunk.
func FuzzSerialize(f *testing.F) {
	f.Add("GET", "/", "A", "b", []byte("hello"), uint8(3))
	f.Add("POST", "/a?b", "X-A", "a\r\nInjected: 1", []byte("0\r\n\r\n"), uint8(1))
	f.Add("GET", "/ HTTP/1.1\r\nA: b\r\n\r\n", "A", "\x00", []byte(nil), uint8(0))
	f.Add("GET", "/", "A: b\r\nC", " \t\r\n", []byte("\r\n"), uint8(0))
	f.Fuzz(func(t *testing.T, method, target, name, value string, body []byte, size uint8) {
		line := AppendRequestLine(nil, method, target)
		if len(line) == 0 {
			line = AppendRequestLine(nil, "POST", "/")
			method, target = "POST", "/"
		}
		out, _ := AppendField(line, "Host", "a")
		out, _ = AppendField(out, "Transfer-Encoding", "chunked")
		field := bytes.Clone(out)
		out, ok := AppendField(out, name, value)
		if !ok && !bytes.Equal(out, field) {
			t.Fatalf("refused %q: %q, and appended %q", name, value, out[len(field):])
		}
		if valid := ValidFieldName(name) && ValidFieldValue(value); valid && !ok {
			t.Fatalf("refused a valid field %q: %q", name, value)
		}
		out = AppendHeadEnd(out)
		for rest := body; len(rest) > 0; {
			n := min(len(rest), int(size)+1)
			out = AppendChunk(out, rest[:n])
			rest = rest[n:]
		}
		out = AppendLastChunk(out, []Field{{name, value}, {"X-End", "1"}})

		p := RequestParser{Limits: Limits{RequestLine: -1, Head: -1, FieldLine: -1, TrailerBytes: -1}}
		var got []byte
		for in := out; ; {
			n, ev, err := p.Next(in, true)
			if err != nil {
				if p.Request.Target == "" || p.Request.Form == OriginForm && target[0] != '/' || ruleOfFields(err) || ruleOfTarget(err) {
					return // a target of no form, or a name that means something: not the serializer's to judge
				}
				t.Fatalf("%v, after we wrote %q", err, out)
			}
			got = append(got, ev.Data...)
			in = in[n:]
			if ev.Kind == EventHead {
				r := &p.Request
				want := 2
				if ok {
					want = 3
				}
				if r.Method != method || r.Target != target || r.Fields.Len() != want {
					t.Fatalf("wrote %q %q and %d fields, read %q %q %q", method, target, want, r.Method, r.Target, r.Fields.List())
				}
			}
			if ev.Kind == EventEnd {
				if len(in) != 0 || !bytes.Equal(got, body) {
					t.Fatalf("wrote body %q, read %q, left %q", body, got, in)
				}
				return
			}
		}
	})
}

func ruleOfFields(err error) bool {
	for r := ruleHostMissing; r <= ruleExpect; r++ {
		if err.(*Error).Rule == rules[r] {
			return true
		}
	}
	return false
}

func ruleOfTarget(err error) bool {
	for r := ruleTargetForm; r <= ruleUserinfo; r++ {
		if err.(*Error).Rule == rules[r] {
			return true
		}
	}
	return false
}
