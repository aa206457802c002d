package http1

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1/http1test"
)

var update = flag.Bool("update", false, "rewrite the expectations of testdata/*.md, states.md and docs/wire.md")

func TestConversations(t *testing.T) {
	used := map[string]bool{}
	for _, file := range conversations(t) {
		var out strings.Builder
		last := 0
		for _, c := range file.Conversations {
			got := ""
			t.Run(filepath.Base(file.Path)+"/"+c.Name, func(t *testing.T) { got = run(t, &c) })
			for id := range strings.FieldsSeq(got) {
				used[id] = true
			}
			if got != c.Events && !*update {
				t.Errorf("%s: %s:\ngot:\n%swant:\n%s", file.Path, c.Name, got, c.Events)
			}
			out.WriteString(file.Text[last:c.From] + got)
			last = c.To
		}
		out.WriteString(file.Text[last:])
		if *update {
			if err := os.WriteFile(file.Path, []byte(out.String()), 0o644); err != nil {
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

func conversations(t testing.TB) []http1test.File {
	t.Helper()
	files, err := http1test.Read("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parserOf(t *testing.T, c *http1test.Conversation) parser {
	limits, err := c.Limits()
	if err != nil {
		t.Fatal(err)
	}
	var l Limits
	for name, n := range limits {
		f := reflect.ValueOf(&l).Elem().FieldByName(name)
		if !f.IsValid() {
			t.Fatalf("no such limit: %s", name)
		}
		f.SetInt(int64(n))
	}
	if c.Kind == "request" {
		return &RequestParser{Limits: l}
	}
	p := &ResponseParser{Limits: l}
	for _, m := range c.Methods() {
		p.Expect(m)
	}
	return p
}

// run gives the transcript of the whole input, after it was found to be the same
// for every way of cutting it.
func run(t *testing.T, c *http1test.Conversation) string {
	p := parserOf(t, c)
	whole := replay(t, p, [][]byte{c.In}, c.EOF())
	same := func(how string, pieces [][]byte) {
		t.Helper()
		if got := replay(t, parserOf(t, c), pieces, c.EOF()); got != whole {
			t.Fatalf("%s:\n%swhole:\n%s", how, got, whole)
		}
	}
	same("byte by byte", bytewise(c.In))
	step := 1 + len(c.In)/1000
	for i := step; i < len(c.In); i += step {
		same(fmt.Sprintf("split at %d", i), [][]byte{c.In[:i], c.In[i:]})
	}
	return whole
}
