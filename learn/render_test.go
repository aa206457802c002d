package learn

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func rendered(markdown string, color bool) string {
	var out strings.Builder
	_ = render(&out, markdown, color)
	return out.String()
}

func TestRender(t *testing.T) {
	for _, test := range []struct{ why, markdown, plain, color string }{
		{"headings lose their marks", "# A · B\n\n## C\n", "A · B\n\n■ C\n", "\x1b[1;36mA · B\x1b[0m\n\n\x1b[1m■ C\x1b[0m\n"},
		{"code keeps its backticks without colour", "a `b` **c**\n", "a `b` c\n", "a \x1b[36mb\x1b[0m \x1b[1mc\x1b[0m\n"},
		{"what is typed stands out", "```console\n$ nc x\nGET / ⏎\nHello\n```\n", "    $ nc x\n    GET / ⏎\n    Hello\n",
			"    \x1b[1;32m$ nc x\x1b[0m\n    \x1b[1;32mGET / ⏎\x1b[0m\n    Hello\n"},
		{"what a server prints is left alone", "```server\n$ **a** `b`\n\n> # c\n```\n", "    $ **a** `b`\n\n    > # c\n", "    $ **a** `b`\n\n    > # c\n"},
		{"code is left alone", "    x := `**`\n", "    x := `**`\n", "    x := `**`\n"},
		{"Japanese has no spaces", "**あ。** い、a い\n", "あ。い、a い\n", "\x1b[1mあ。\x1b[0mい、a い\n"},
		{"items hang", "- " + strings.Repeat("word ", 20) + "\n- b\n",
			"  - " + strings.TrimSpace(strings.Repeat("word ", 15)) + "\n    word word word word word\n  - b\n", ""},
	} {
		want(t, rendered(test.markdown, false), test.plain, test.why)
		if test.color != "" {
			want(t, rendered(test.markdown, true), test.color, test.why)
		}
	}
}

func TestEveryTextFitsTheTerminal(t *testing.T) {
	for _, s := range Steps() {
		for _, lang := range languages {
			code := ""
			for _, b := range blocks(s.Text(lang)) {
				code += b.text
			}
			var out strings.Builder
			Present(&out, s, lang, false)
			for line := range strings.Lines(out.String()) {
				line = strings.TrimSuffix(line, "\n")
				width := 0
				for _, r := range line {
					width += columnsOf(r)
				}
				if width > columns+2 && !strings.Contains(code, strings.TrimSpace(line)) {
					t.Errorf("step %d, %s: %d columns: %s", s.Number, lang, width, line)
				}
				if first := []rune(strings.TrimSpace(line) + " ")[0]; strings.ContainsRune("、。）」！？", first) {
					t.Errorf("step %d, %s: a line begins with %c: %s", s.Number, lang, first, line)
				}
			}
		}
	}
}

func TestWrapJapanese(t *testing.T) {
	for _, test := range []struct{ text, want, why string }{
		{"あいうえお", "あい|うえ|お", "Japanese may be broken anywhere"},
		{"あいう。え", "あい|う。|え", "but 。 does not begin a line"},
		{"あ「いう", "あ|「い|う", "and 「 does not end one"},
		{"a bc def", "a bc|def", "words are kept whole"},
		{"abcdefg あ", "abcdefg|あ", "a word that is too long has a line of its own"},
	} {
		var got []string
		for _, line := range wrap(letters(test.text, false), 4) {
			s := ""
			for _, l := range line {
				s += string(l.r)
			}
			got = append(got, s)
		}
		want(t, strings.Join(got, "|"), test.want, test.why)
	}
}

func TestSourceInOneLanguage(t *testing.T) {
	for _, s := range Steps() {
		code := codeOf(t, s.Source())
		for _, lang := range languages {
			source := s.SourceIn(lang)
			want(t, codeOf(t, source), code, "only comments differ between the languages")
			if lang == "en" && japanese(source) {
				t.Errorf("step %d: the English source has Japanese in it", s.Number)
			}
			if formatted, err := format.Source([]byte(source)); err != nil || string(formatted) != source {
				t.Errorf("step %d, %s: what is printed is not as gofmt has it (%v)", s.Number, lang, err)
			}
			english := strings.Count(source, "\n")
			if all := strings.Count(s.Source(), "\n"); english >= all {
				t.Errorf("step %d, %s: no comment was left out", s.Number, lang)
			}
		}
	}
}

// codeOf is a file without its comments.
func codeOf(t *testing.T, source string) string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "step.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			out.WriteString(n.Name + " ")
		case *ast.BasicLit:
			out.WriteString(n.Value + " ")
		}
		return true
	})
	return out.String()
}

func TestLanguage(t *testing.T) {
	for _, test := range []struct {
		all, messages, lang, want, why string
	}{
		{"", "", "", "en", "nothing is set"},
		{"", "", "ja_JP.UTF-8", "ja", "LANG"},
		{"", "en_US.UTF-8", "ja_JP.UTF-8", "en", "LC_MESSAGES comes before LANG"},
		{"ja_JP.eucJP", "en_US.UTF-8", "C", "ja", "LC_ALL comes before all"},
		{"C", "", "ja_JP.UTF-8", "en", "C is not Japanese"},
		{"", "", "jamaican", "en", "only the language's own name counts"},
		{"", "", "ja", "ja", "no country is needed"},
	} {
		env := map[string]string{"LC_ALL": test.all, "LC_MESSAGES": test.messages, "LANG": test.lang}
		want(t, Language(func(name string) string { return env[name] }), test.want, test.why)
	}
}

func TestList(t *testing.T) {
	for _, lang := range languages {
		var out strings.Builder
		List(&out, lang)
		for _, s := range Steps() {
			if !strings.Contains(out.String(), s.Title(lang)+"\n") {
				t.Errorf("%s: step %d is not in the list", lang, s.Number)
			}
		}
		if (lang == "ja") != japanese(out.String()) {
			t.Errorf("the list in %s is in another language", lang)
		}
	}
}
