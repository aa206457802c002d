package page

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/watch/record"
)

// Whatever the server may call the end of a connection has a sentence here, in
// both languages, and nothing else has.
func TestEveryCloseReasonHasWords(t *testing.T) {
	text, err := os.ReadFile("js/words.js")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "export const closings = {")
	said := map[string][]string{}
	for _, at := range regexp.MustCompile(`(?m)^  "([^"]+)": \["([^"]*)", "([^"]*)"\],$`).FindAllStringSubmatch(table, -1) {
		said[at[1]] = at[2:]
	}
	known := map[string]bool{"closed by who had taken it": true} // of connections that were hijacked
	for reason := http1.NotClosed + 1; reason.String() != "unknown"; reason++ {
		known[reason.String()] = true
	}
	for reason := range known {
		words := said[reason]
		if words == nil {
			t.Errorf("js/words.js has no sentences for the close reason %q", reason)
			continue
		}
		if words[0] == "" || !regexp.MustCompile(`\p{Hiragana}`).MatchString(words[1]) {
			t.Errorf("the close reason %q is %q in Japanese, %q in English", reason, words[1], words[0])
		}
	}
	for reason := range said {
		if !known[reason] {
			t.Errorf("js/words.js has sentences for %q, which is no reason to close", reason)
		}
	}
}

// A reason with whatever is quoted in it finds its Japanese sentence.
func TestReasonsAreSaidInJapanese(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	click(t, tab, "#language")
	until(t, tab, "it is in Japanese", `document.documentElement.lang === "ja"`)
	until(t, tab, "its sentences are there", `import("/js/words.js").then(words => words.explanation("rule.host-once")?.text === "Host フィールドは一つだけです。")`)
	n := 0
	quoted := []string{`"\x00 a\"b: c\\"`, `"\""…`, "8192", "1.5µs"}
	for key, sentence := range record.Words("ja") {
		text, ok := strings.CutPrefix(key, "reason: ")
		if !ok {
			continue
		}
		wanted := sentence.Text
		for i, hole := range []string{"{0}", "{1}"} {
			text = strings.Replace(text, hole, quoted[(n+i)%len(quoted)], 1)
			wanted = strings.Replace(wanted, hole, quoted[(n+i)%len(quoted)], 1)
		}
		n++
		argument, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := eval[string](t, tab, `import("/js/because.js").then(module => module.because(`+string(argument)+`))`); got != wanted {
			t.Errorf("%s: the page says %q, want %q", text, got, wanted)
		}
	}
	if n < 60 {
		t.Errorf("%d reasons were tried", n)
	}
	if got := eval[string](t, tab, `import("/js/because.js").then(module => module.because("nobody says a method holds this"))`); got != "nobody says a method holds this" {
		t.Errorf("a reason without a sentence: %q", got)
	}
}

// Nothing of why a request was refused, and its connection closed, is English
// on a page in Japanese.
func TestRefusalInJapanese(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 0)
	come(t, tab, s)
	click(t, tab, "#language")
	goTo(t, tab, "12", "wire")
	until(t, tab, "the rule and what broke it are in Japanese", `document.querySelector(".refusal").innerText.replace(/\s+/g, " ").includes("ターゲットは印字可能な ASCII で、\" # < > を含みません。") && document.querySelector(".refusal-why").textContent.startsWith("ターゲットに \"\\x1b\" が含まれています。パーセント符号化が必要です。")`)
	until(t, tab, "and in the list", `document.querySelector("#row-12 .c-status").title.startsWith("拒否") && document.querySelector("#row-12 .c-status").title.includes("ターゲットに \"\\x1b\"")`)
	goTo(t, tab, "12", "timeline")
	until(t, tab, "and on the timeline", `(text => text.includes("ターゲットに \"\\x1b\" が含まれています") && text.includes("規則が破られ、続きを信用できなくなりました") && !/holds|refused/.test(text) && text.split("含まれています").length === 2)(document.querySelector("table.events").innerText)`)
	goTo(t, tab, "12", "connection")
	until(t, tab, "and in the connection's story", `/規則が破られ/.test(document.querySelector(".story li:last-child").textContent)`)
	click(t, tab, "#language")
	until(t, tab, "and in English as the server says it", `document.querySelector("#row-12 .c-status").title === 'Refused: a target holds "\\x1b"; it must be percent-encoded'`)
}
