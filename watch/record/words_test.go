package record_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/watch/record"
)

// isJapanese: a sentence that ends as one, and has its grammar, not names alone.
var isJapanese = regexp.MustCompile(`\p{Hiragana}.*。|。.*\p{Hiragana}|\p{Hiragana}.*: \{\d\}$`)

// Whatever rule a request breaks, the page can say it in Japanese.
func TestEveryRuleIsInJapanese(t *testing.T) {
	ja := record.Words("ja")
	var ids []string
	rule := regexp.MustCompile(`\bRule\{ID: "([\w-]+)"`)
	for _, at := range rule.FindAllStringSubmatch(sourceOf(t, "../.."), -1) {
		ids = append(ids, at[1]) // the server's own
	}
	if len(ids) < 3 {
		t.Fatalf("the server has the rules %q: its source is read wrongly", ids)
	}
	for _, rule := range http1.Rules() {
		ids = append(ids, rule.ID)
	}
	if len(ids) < 50 {
		t.Fatalf("http1 has %d rules", len(ids))
	}
	known := map[string]bool{}
	for _, id := range ids {
		known["rule."+id] = true
		if text := ja["rule."+id].Text; !isJapanese.MatchString(text) {
			t.Errorf("rule %s in Japanese is %q", id, text)
		}
	}
	for key := range ja {
		if strings.HasPrefix(key, "rule.") && !known[key] {
			t.Errorf("words.txt has %s, which is no rule", key)
		}
	}
}

// And so what stood there instead: the sources of http1 and the server are read
// for everything that they say of a breach.
func TestEveryReasonIsInJapanese(t *testing.T) {
	ja := record.Words("ja")
	said := reasonsOfHTTP1(t)
	if len(said) < 60 {
		t.Fatalf("%d reasons were found in http1: its source is read wrongly", len(said))
	}
	own := regexp.MustCompile(`\bReason: fmt\.Sprintf\("([^"]+)"`).FindAllStringSubmatch(sourceOf(t, "../.."), -1)
	if len(own) < 2 {
		t.Fatalf("%d reasons were found in the server: its source is read wrongly", len(own))
	}
	for _, at := range own {
		said[numbered(regexp.MustCompile(`%\w`).ReplaceAllString(at[1], "{}"))] = true
	}
	hole := regexp.MustCompile(`\{\d\}`)
	for text := range said {
		sentence, ok := ja["reason: "+text]
		if !ok {
			t.Errorf("reasons.txt has no line for %q", text)
			continue
		}
		if !isJapanese.MatchString(sentence.Text) {
			t.Errorf("%q in Japanese is %q", text, sentence.Text)
		}
		for _, one := range hole.FindAllString(text, -1) {
			if strings.Count(sentence.Text, one) != 1 {
				t.Errorf("%q in Japanese, %q, does not have %s once", text, sentence.Text, one)
			}
		}
	}
	for key := range ja {
		text, ok := strings.CutPrefix(key, "reason: ")
		if ok && !said[text] && !strings.HasPrefix(text, "parse {0}: ") {
			t.Errorf("reasons.txt has %q, which nobody says", text)
		}
	}
}

// Reasons of the rule target-url are package net/url's words.
func TestReasonsOfURLs(t *testing.T) {
	ja := record.Words("ja")
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	for _, target := range []string{"/%zz", "http://a b/", "http://a:b/", "x"} {
		_, err := url.ParseRequestURI(target)
		if err == nil {
			t.Errorf("package url takes %q", target)
			continue
		}
		n := -1
		text := quoted.ReplaceAllStringFunc(err.Error(), func(string) string { n++; return "{" + strconv.Itoa(n) + "}" })
		if _, ok := ja["reason: "+text]; !ok {
			t.Errorf("reasons.txt has no line for %q", text)
		}
	}
}

// reasonsOfHTTP1 finds what the parser says: the last argument of each call of
// fail, and what parseLength and judgeCodings return, with {0} and {1} for what
// is not written there.
func reasonsOfHTTP1(t *testing.T) map[string]bool {
	t.Helper()
	names, err := filepath.Glob("../../http1/*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	var places []string // of eof, as its callers name them
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				reasonsOf(f, said, &places)
			}
		}
	}
	for _, place := range places {
		said[numbered("the peer sends no more, in the middle of "+place)] = true
	}
	return said
}

func reasonsOf(f *ast.FuncDecl, said map[string]bool, places *[]string) {
	known := map[string]string{} // variables of it
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt: // value := "…" + quote(s)
			if name, ok := n.Lhs[0].(*ast.Ident); ok && name.Name == "value" {
				known["value"] = written(n.Rhs[0], nil)
			}
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || len(n.Args) != 3 {
				break
			}
			switch text := written(n.Args[2], known); {
			case method.Sel.Name == "eof":
				*places = append(*places, text)
			case method.Sel.Name == "fail" && text != "{}" && f.Name.Name != "eof":
				said[numbered(text)] = true
			}
		case *ast.ReturnStmt:
			if f.Name.Name != "parseLength" && f.Name.Name != "judgeCodings" {
				break
			}
			if text := written(n.Results[len(n.Results)-1], known); text != "" {
				said[numbered(text)] = true
			}
		}
		return true
	})
}

// sourceOf is the text of a folder's Go files, tests aside.
func sourceOf(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// written is a text in the source, with {} for what is put into it.
func written(e ast.Expr, known map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return strings.ReplaceAll(written(e.X, known)+written(e.Y, known), "{}{}", "{}")
	case *ast.Ident:
		if text, ok := known[e.Name]; ok {
			return text
		}
	}
	return "{}"
}

func numbered(text string) string {
	for n := 0; strings.Contains(text, "{}"); n++ {
		text = strings.Replace(text, "{}", "{"+strconv.Itoa(n)+"}", 1)
	}
	return text
}
