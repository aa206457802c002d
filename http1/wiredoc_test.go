package http1

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestWireDocument holds docs/wire.md to the rules, the limits and the
// conversations; with -update it is written from them.
func TestWireDocument(t *testing.T) {
	path := filepath.Join("..", "docs", "wire.md")
	want := wireDocument(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the rules and conversations say; go test ./http1 -update writes it anew", path)
	}
}

// shown is one conversation, as a place in a document.
type shown struct {
	file, name, anchor string
	rule               string // that it breaks; empty: it is accepted
	byServer           bool   // it is a rule of the server's, not of the parser's
}

func (s shown) link() string {
	return fmt.Sprintf("[%s](../http1/testdata/%s#%s)", strings.ReplaceAll(s.name, "|", "\\|"), s.file, s.anchor)
}

func wireDocument(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# The wire: what is accepted, what is refused, and the limits\n\n" +
		"Written by `go test ./http1 -update` from the rules (http1/rules.go), the limits (http1/limits.go) and the conversations (http1/testdata); do not edit it.\n\n" +
		"A refused request is answered with the status below, `Connection: close` and the rule in words; nothing after it is parsed. A refused response is a 502 of whoever asked for it. Each conversation is run whole, byte by byte and split at every place (the longest at some), and those of requests with the whole server as well. Three rules more are the server's: `target-url` (400, RFC 3986 3), the target is a URL for package net/url as well; `head-time` (408, RFC 9110 15.5.9), a head arrives as a whole within its time; `tls-missing` (400, RFC 9110 4.2.2), a request to an HTTPS server comes over TLS. Times are in [ARCHITECTURE.md](../ARCHITECTURE.md#limits-and-defaults).\n\n" +
		"## What is refused\n\n| rule | source | status | in words | shown by |\n|---|---|--:|---|---|\n")
	all := everyConversation(t)
	for _, rule := range Rules() {
		var links []string
		for _, s := range all {
			if s.rule == rule.ID {
				links = append(links, s.link())
			}
		}
		if len(links) == 0 {
			t.Errorf("no conversation breaks the rule %s: each rule is shown once", rule.ID)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s | %s |\n", rule.ID, rule.Source, rule.Status,
			strings.NewReplacer("|", "\\|", "<", "&lt;").Replace(rule.Text), strings.Join(links, ", "))
	}
	for _, s := range all {
		if s.byServer {
			fmt.Fprintf(&b, "\nBy the server, not by its parser: `%s`, shown by %s.\n", s.rule, s.link())
		}
	}
	b.WriteString("\n## What is accepted\n\nNeighbours of the above, and what else a reader may ask about.\n\n| | conversations |\n|---|---|\n")
	files, byFile := []string{}, map[string][]string{}
	for _, s := range all {
		if s.rule == "" {
			if byFile[s.file] == nil {
				files = append(files, s.file)
			}
			byFile[s.file] = append(byFile[s.file], s.link())
		}
	}
	for _, file := range files {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.TrimSuffix(file, ".md"), strings.Join(byFile[file], ", "))
	}
	b.WriteString("\n## Limits\n\nOf `http1.Limits`: zero means the default, a negative value none; the head and the trailer section are never longer than " +
		decimal(MaxHead) + " bytes. The first byte beyond a limit is refused.\n\n| limit | default |\n|---|--:|\n")
	for _, one := range defaultLimits {
		if _, is := reflect.TypeFor[Limits]().FieldByName(one.name); !is {
			t.Errorf("Limits has no field %s", one.name)
		}
		fmt.Fprintf(&b, "| `%s` | %d |\n", one.name, one.value)
	}
	if n := reflect.TypeFor[Limits]().NumField(); n != len(defaultLimits) {
		t.Errorf("%d of the %d limits are in the document", len(defaultLimits), n)
	}
	fmt.Fprintf(&b, "| bytes of a method | %d |\n", maxMethod)
	return b.String()
}

var defaultLimits = []struct {
	name  string
	value int
}{
	{"RequestLine", defaultRequestLine}, {"Head", defaultHead}, {"FieldLine", defaultFieldLine}, {"Fields", defaultFields},
	{"TrailerFields", defaultTrailerFields}, {"TrailerBytes", defaultTrailerBytes},
	{"ExtensionLine", defaultExtensionLine}, {"ExtensionBody", defaultExtensionBody},
}

var refusedBy = regexp.MustCompile(`(?m)^\d+ refused \d+ (\S+)`)

// everyConversation lists them in the order of the files. A heading with
// several blocks is several.
func everyConversation(t *testing.T) (all []shown) {
	for _, file := range conversations(t) {
		for _, c := range file.Conversations {
			s := shown{file: filepath.Base(file.Path), name: c.Name, anchor: anchor(c.Name)}
			if m := refusedBy.FindStringSubmatch(c.Events); m != nil {
				s.rule = m[1]
			} else if m := refusedBy.FindStringSubmatch(c.Server); m != nil {
				s.rule, s.byServer = m[1], true
			}
			all = append(all, s)
		}
	}
	return all
}

// anchor is what the usual renderers of Markdown make of a heading: lower case,
// hyphens for spaces, and nothing but letters, digits, hyphens and underscores.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}
