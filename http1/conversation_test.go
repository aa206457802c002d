package http1

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expectations of testdata/*.md, states.md and docs/wire.md")

// A conversation is a heading, the reason with its RFC, the bytes, and what the
// parser makes of them:
//
//	## Heading
//	Reason.
//	```request eof Head=100
//	GET / HTTP/1.1\r\n
//	```
//	```events
//	```
//
// The first word of a block is the parser; "eof" means that the peer then ends
// its sending; METHOD words are what a response answers; Name=number sets a
// limit. Only escapes are control characters: a line break in the block is
// none, and {{a*100}} is a hundred times "a".
var blocks = regexp.MustCompile("(?s)```(request|response)([^\n]*)\n(.*?)```\n+```events\n(.*?)```")

var heading = regexp.MustCompile(`(?m)^## (.*)$`)

func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	used := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := string(text)
		var out strings.Builder
		last := 0
		for _, at := range blocks.FindAllStringSubmatchIndex(doc, -1) {
			name := "?"
			if h := heading.FindAllStringSubmatch(doc[:at[0]], -1); h != nil {
				name = h[len(h)-1][1]
			}
			c := conversation{kind: doc[at[2]:at[3]], options: strings.Fields(doc[at[4]:at[5]])}
			c.in = decode(t, doc[at[6]:at[7]])
			got := ""
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) { got = c.run(t) })
			for id := range strings.FieldsSeq(got) {
				used[id] = true
			}
			if want := doc[at[8]:at[9]]; got != want && !*update {
				t.Errorf("%s: %s:\ngot:\n%swant:\n%s", file, name, got, want)
			}
			out.WriteString(doc[last:at[8]] + got)
			last = at[9]
		}
		out.WriteString(doc[last:])
		if *update {
			if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, r := range Rules() {
		if !used[r.ID] {
			t.Errorf("no conversation breaks the rule %s: each rule is shown once", r.ID)
		}
	}
}

type conversation struct {
	kind    string
	options []string
	in      []byte
	eof     bool
}

func (c *conversation) parser(t *testing.T) parser {
	var l Limits
	var methods []string
	for _, o := range c.options {
		name, value, isLimit := strings.Cut(o, "=")
		switch {
		case isLimit:
			n, err := strconv.Atoi(value)
			f := reflect.ValueOf(&l).Elem().FieldByName(name)
			if err != nil || !f.IsValid() {
				t.Fatalf("no such limit: %s", o)
			}
			f.SetInt(int64(n))
		case o == "eof":
			c.eof = true
		default:
			methods = append(methods, o)
		}
	}
	if c.kind == "request" {
		return &RequestParser{Limits: l}
	}
	p := &ResponseParser{Limits: l}
	for _, m := range methods {
		p.Expect(m)
	}
	return p
}

// run gives the transcript of the whole input, after it was found to be the same
// for every way of cutting it.
func (c *conversation) run(t *testing.T) string {
	p := c.parser(t)
	whole := replay(t, p, [][]byte{c.in}, c.eof)
	same := func(how string, pieces [][]byte) {
		t.Helper()
		if got := replay(t, c.parser(t), pieces, c.eof); got != whole {
			t.Fatalf("%s:\n%swhole:\n%s", how, got, whole)
		}
	}
	same("byte by byte", bytewise(c.in))
	step := 1 + len(c.in)/1000
	for i := step; i < len(c.in); i += step {
		same(fmt.Sprintf("split at %d", i), [][]byte{c.in[:i], c.in[i:]})
	}
	return whole
}

var repeat = regexp.MustCompile(`(?s)\{\{(.+?)\*(\d+)\}\}`)

func decode(t *testing.T, s string) []byte {
	s = strings.ReplaceAll(s, "\n", "")
	s = repeat.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	var out []byte
	for s != "" {
		if s[0] == '"' {
			out, s = append(out, '"'), s[1:]
			continue
		}
		c, _, rest, err := strconv.UnquoteChar(s, '"')
		if err != nil || c > 0xff {
			t.Fatalf("bytes that cannot be read in %.200q: write them as escapes", s)
		}
		out, s = append(out, byte(c)), rest
	}
	return out
}
