package page

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The modules that know nothing of the page are tested in their own language,
// in the browser that runs them: testdata/modules.js.
func TestModules(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	do(t, tab, chromedp.Navigate(s.URL+"/"))
	type result struct {
		Failures []string
		Total    int
	}
	got := eval[result](t, tab, `import("/test/modules.js").then(tests => tests.run())`)
	for _, failure := range got.Failures {
		t.Error(failure)
	}
	if got.Total < 500 {
		t.Errorf("%d expectations were looked at, want at least 500", got.Total)
	}
}

// What package watch hides, the page hides too.
func TestSameSecrets(t *testing.T) {
	theirs, err := os.ReadFile("../secret.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(theirs), "var secretEndings = []string{")
	list, _, _ = strings.Cut(list, "}")
	ours, err := assets.ReadFile("js/secret.js")
	if err != nil {
		t.Fatal(err)
	}
	endings := regexp.MustCompile(`"[a-z0-9-]+"`).FindAllString(list, -1)
	if len(endings) < 10 {
		t.Fatalf("found %q in ../secret.go: the pattern no longer fits", endings)
	}
	for _, ending := range endings {
		if !strings.Contains(string(ours), ending) {
			t.Errorf("js/secret.js does not hide names that end in %s", ending)
		}
	}
}

// Every key that a module asks for has words, in both languages, and every
// word is asked for.
func TestEveryWordIsUsed(t *testing.T) {
	names, err := assets.ReadDir("js")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	var words string
	for _, name := range names {
		text, err := assets.ReadFile("js/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		if name.Name() == "words.js" {
			words = string(text)
			continue
		}
		all.Write(text)
	}
	index, err := assets.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	all.Write(index)
	known := map[string]bool{}
	table, _, _ := strings.Cut(words, "let now =")
	for _, at := range regexp.MustCompile(`(?m)^  "?([\w-]+)"?: \[`).FindAllStringSubmatch(table, -1) {
		known[at[1]] = true
	}
	if len(known) < 150 {
		t.Fatalf("found %d keys in js/words.js: the pattern no longer fits", len(known))
	}
	for _, at := range regexp.MustCompile(`\bsay\("([\w-]+)"`).FindAllStringSubmatch(all.String(), -1) {
		if !known[at[1]] {
			t.Errorf("%q is asked for and has no words", at[1])
		}
	}
	families := regexp.MustCompile(`^(column|kind|state|stream|tab|theme|filter|as)_`)
	for key := range known {
		if !families.MatchString(key) && !strings.Contains(all.String(), `"`+key+`"`) {
			t.Errorf("%q has words and is never asked for", key)
		}
	}
}
