package http1

import (
	"strings"
	"testing"
)

func TestPrefersHTML(t *testing.T) {
	many := strings.Repeat("a/b,", mediaRangesMost-1)
	for _, c := range []struct {
		accept string // its lines, with LF between them
		want   bool
		why    string
	}{
		{"", false, "nothing said"},
		{"*/*", false, "curl"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true, "a browser"},
		{"text/html, */*", true, "named exactly"},
		{"text/html, text/plain", false, "both, alike"},
		{"text/html, text/*", true, "named more exactly"},
		{"text/*", false, "both, alike"},
		{"text/plain, */*", false, "the other is named"},
		{"text/plain;q=0.5, text/html;q=0.4", false, "weights"},
		{"text/plain;q=0.5, text/html;q=0.501", true, "weights, to a thousandth"},
		{"text/plain;q=0, */*", true, "all but plain text"},

		{"text/html;q=0", false, "not acceptable, 12.4.2"},
		{"text/html;q=0.000, */*", false, "not acceptable, whatever else is"},
		{"*/*, text/html; q=0", false, "the most exact range has precedence, not the first"},
		{"text/html;q=0, text/html", false, "of two alike, the first"},
		{"text/htmlx", false, "another type"},
		{"text/htm", false, "another type"},
		{"xtext/html", false, "another type"},
		{"application/text/html", false, "no type"},
		{"*/html", false, "no range"},
		{"text/html x", false, "no range"},
		{"html", false, "no range"},
		{"TEXT/Html", true, "types have no case, 8.3.1"},

		{" \ttext/html\t ;\tq=0.5 , text/plain ; q=0.4", true, "white space around , and ;"},
		{"text/html; q=0 ", false, "white space behind a weight"},
		{"text / html", false, "none around /"},
		{"text/html;q = 0.5", false, "none around =, 5.6.6"},
		{"\u00a0text/html", false, "what is white space elsewhere is none here"},
		{",, text/html,", true, "empty elements, 5.6.1"},
		{"text/html;;q=0.5;", true, "empty parameters, 5.6.6"},

		{"text/html;Q=0.5, text/plain;q=0.4", true, "names have no case"},
		{"text/html;q=1.000", true, "the greatest weight"},
		{"text/html;q=1.", true, "no digit is needed"},
		{"text/html;q=1.001", false, "greater than the greatest"},
		{"text/html;q=0.0001", false, "four digits"},
		{"text/html;q=2", false, "no weight"},
		{"text/html;q=.5", false, "no weight"},
		{"text/html;q=01", false, "no weight"},
		{"text/html;q=-1", false, "no weight"},
		{"text/html;q=0.x", false, "no weight"},
		{"text/html;q=", false, "no weight"},
		{`text/html;q="1"`, false, "a weight is not quoted"},
		{"text/html;q=1;q=1", false, "two weights"},
		{"text/html;q", false, "a parameter has a value"},

		{"text/html;charset=utf-8", true, "what will be sent"},
		{`text/html;charset="UTF-8"`, true, "the same, quoted"},
		{"text/html;charset=utf-8;q=0, text/html", false, "a range with it is more exact"},
		{"text/html;charset=iso-2022-jp", false, "another representation"},
		{"text/html;level=1;q=0.9, text/html;q=0", false, "another representation"},
		{"text/html;q=0.9;level=1", false, "wherever the weight stands"},

		{`a/b;c="text/html, text/html", */*`, false, "a comma in a quoted string separates nothing"},
		{`a/b;c="\", text/html, \"", */*`, false, "nor do escaped quotes end it"},
		{`a/b;c="d", text/html`, true, "behind a quoted string"},
		{`a/b;c="d, text/html`, false, "a quoted string without an end"},
		{`text/html;charset="utf-8"e`, false, "bytes behind a quoted string"},
		{"text/html;c=\"\x01\"", false, "a control character"},
		{`text/html;c="\`, false, "an escape without an end"},

		{"*/*\ntext/html", true, "the second line counts"},
		{"text/html\ntext/html;q=0", true, "but is the second"},
		{"text/html;q=0\n*/*", false, "a weight of the first line"},
		{many + "text/html", true, "as many as are looked at"},
		{many + "a/b,text/html", false, "one more"},
		{strings.ReplaceAll(many, ",", "\n") + "a/b\ntext/html", false, "one more, on lines"},
	} {
		if got := PrefersHTML(strings.Split(c.accept, "\n")); got != c.want {
			t.Errorf("Accept: %.80q: %v: %s", c.accept, got, c.why)
		}
	}
}
