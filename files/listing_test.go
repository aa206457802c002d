package files

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// listed asks for the folder as JSON.
func listed(t *testing.T, h *Handler, target string) Listing {
	t.Helper()
	w := ask(t, h, "GET", target, "Accept: application/json")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("GET %s as JSON: %d %v", target, w.Code, w.Header())
	}
	var list Listing
	must(t, json.Unmarshal(w.Body.Bytes(), &list))
	return list
}

func names(list Listing) string {
	var all []string
	for _, e := range list.Entries {
		all = append(all, e.Name)
	}
	return strings.Join(all, " ")
}

func TestListingAsJSON(t *testing.T) {
	h, dir := newHandler(t, Options{}, map[string]string{"a b/c.txt": "hello", "a b/empty.txt": "", "a b/d/": "", "a b/.hidden": "x"})
	must(t, os.Chtimes(filepath.Join(dir, "a b/d"), longAgo, longAgo))
	w := ask(t, h, "GET", "/a%20b/", "Accept: application/json")
	const want = `{"path":"/a%20b/","entries":[` +
		`{"name":"d","type":"folder","modified":"2021-02-03T04:05:06Z","path":"/a%20b/d/"},` +
		`{"name":"c.txt","type":"file","size":5,"modified":"2021-02-03T04:05:06Z","path":"/a%20b/c.txt"},` +
		`{"name":"empty.txt","type":"file","size":0,"modified":"2021-02-03T04:05:06Z","path":"/a%20b/empty.txt"}],` +
		`"shown":3,"total":3,"atLeast":false,"sort":"name","order":"asc"}` + "\n"
	if w.Body.String() != want {
		t.Errorf("got\n%s\nwant the documented schema\n%s", w.Body, want)
	}
	if w := ask(t, h, "GET", "/a%20b/d/", "Accept: application/json"); !strings.Contains(w.Body.String(), `"entries":[]`) {
		t.Errorf("an empty folder is %s: an empty list, never null", w.Body)
	}
	for _, accept := range []string{"application/json", "text/html", "*/*"} {
		get, head := ask(t, h, "GET", "/", "Accept: "+accept), ask(t, h, "HEAD", "/", "Accept: "+accept)
		if head.Body.Len() != 0 || fmt.Sprint(head.Header()) != fmt.Sprint(get.Header()) {
			t.Errorf("Accept: %s: HEAD has %v and %d bytes, GET %v", accept, head.Header(), head.Body.Len(), get.Header())
		}
		if get.Header().Get("Vary") != "Accept, Accept-Language" || get.Header().Get("Content-Length") != fmt.Sprint(get.Body.Len()) {
			t.Errorf("Accept: %s: %v", accept, get.Header())
		}
	}
}

func TestListingOrder(t *testing.T) {
	h, dir := newHandler(t, Options{}, map[string]string{"b10": "12345", "B9": "1", "a": "123", "z/": "", "y/": ""})
	for i, name := range []string{"y", "a", "b10", "z", "B9"} {
		at := longAgo.Add(time.Duration(i) * time.Hour)
		must(t, os.Chtimes(filepath.Join(dir, name), at, at))
	}
	for query, want := range map[string]string{
		"":                      "y z a B9 b10", // as people count; case aside; folders first
		"?order=desc":           "z y b10 B9 a",
		"?sort=name&order=asc":  "y z a B9 b10",
		"?sort=size":            "y z B9 a b10", // folders have no size: by name
		"?sort=size&order=desc": "y z b10 a B9",
		"?sort=time":            "y z a b10 B9",
		"?sort=time&order=desc": "z y B9 b10 a",
		"?sort=evil&order=desc": "y z a B9 b10", // not understood: the default
		"?sort=%zz;&order=":     "y z a B9 b10",
	} {
		if got := names(listed(t, h, "/"+query)); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	page := ask(t, h, "GET", "/?sort=size&order=desc").Body.String()
	for _, want := range []string{
		`class="size" aria-sort="descending"><a href="?sort=size&amp;order=asc"`,
		`class="time"><a href="?sort=time&amp;order=desc"`,
		`class="name"><a href="?sort=name&amp;order=asc"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s: sorting works by links, without a script", want)
		}
	}
}

// The listing shows what can be opened, and nothing else.
func TestListingHoldsWhatCanBeOpened(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "root")
	for _, name := range []string{"a.txt", "d/x", ".env", ".git/x", ".well-known/x"} {
		put(t, dir, name, "1")
	}
	put(t, outer, "secret", "x")
	want := "d a.txt"
	if runtime.GOOS != "windows" {
		for link, to := range map[string]string{"out": "../secret", "out-dir": "..", "nowhere": "x", "loop": "loop", "in": "a.txt", "in-dir": "d", "d/up": "../a.txt"} {
			must(t, os.Symlink(to, filepath.Join(dir, link)))
		}
		want = "d in-dir a.txt in"
	}
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		list := listed(t, h, "/")
		if names(list) != want || list.Total != list.Shown {
			t.Errorf("listed %s (%d of %d), want %s", names(list), list.Shown, list.Total, want)
		}
		for _, folder := range []string{"/", "/d/"} {
			for _, e := range listed(t, h, folder).Entries {
				if w := ask(t, h, "GET", e.Path); w.Code != 200 {
					t.Errorf("%s is listed, but gives %d", e.Path, w.Code)
				}
			}
		}
	})
}

func TestListingIsBounded(t *testing.T) {
	files := map[string]string{}
	for i := range 12 {
		files[fmt.Sprintf("f%d", i)] = "1"
	}
	h, _ := newHandler(t, Options{MaxEntries: 5}, files)
	list := listed(t, h, "/?order=desc")
	if names(list) != "f4 f3 f2 f1 f0" || list.Total != 12 || list.Shown != 5 || list.AtLeast {
		t.Errorf("got %s, %d of %d: want the first five by name, of 12", names(list), list.Shown, list.Total)
	}
	if page := ask(t, h, "GET", "/").Body.String(); !strings.Contains(page, "Showing 5 of 12 entries") {
		t.Error("the page does not say that it shows 5 of 12")
	}
	if page := ask(t, h, "GET", "/", "Accept-Language: ja").Body.String(); !strings.Contains(page, "12 件のうち") {
		t.Error("nor in Japanese")
	}
}

func TestListingLanguage(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"d/": ""})
	for accept, want := range map[string]string{"": "en", "ja": "ja", "de": "en"} {
		page := ask(t, h, "GET", "/d/", "Accept-Language: "+accept).Body.String()
		if !strings.Contains(page, `<html lang="`+want+`">`) {
			t.Errorf("Accept-Language: %s: not %s", accept, want)
		}
		if !strings.Contains(page, map[string]string{"en": "This room is empty.", "ja": "まだ何もありません"}[want]) {
			t.Errorf("%s: an empty folder should say so", want)
		}
	}
}

// The policy allows the page's own style and nothing else; a style that the
// hash does not fit would silently be ignored by browsers.
func TestPagePolicy(t *testing.T) {
	h, _ := newHandler(t, Options{}, map[string]string{"a": "1"})
	for _, target := range []string{"/", "/missing"} {
		w := ask(t, h, "GET", target, "Accept: text/html")
		policy, page := w.Header().Get("Content-Security-Policy"), w.Body.String()
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
		if style == nil || !strings.Contains(policy, "style-src '"+styleHash(style[1])+"'") || !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: policy %q does not allow the page's style, or more than that", target, policy)
		}
		if regexp.MustCompile(`(?i)<script|javascript:|\son\w+=|style="|https?://[^w]`).MatchString(page) {
			t.Errorf("%s: the page holds a script, an inline style or something from elsewhere", target)
		}
	}
}

// evilNames are names that somebody who may write into the folder could use
// against those who look at it.
var evilNames = []string{
	`<script>alert(1)<`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `data:text;html,x`,
	"a\nb", "a\r\nSet-Cookie: x", "tab\there", "esc\x1b[31m", "del\x7f", "latin\xe9", "half\xe3\x81", "rtl\u202egpj.exe", "iso\u2066late", "zero\u200bwidth",
	"bom\ufeff", "line\u2028sep", "c1\u0085", "a?b=c", "a#b", "a%2fb", "a%00", "&amp;", "&lt;b&gt;", "{{.}}", "`x`", "a:b", "//host", `back\slash`,
	" lead", "trail ", "a;b", "日本語", "👨\u200d👩", "e\u0301", "\u3164",
}

func TestEvilNames(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems do not allow such names")
	}
	h, dir := newHandler(t, Options{}, nil)
	for _, name := range evilNames {
		if !strings.ContainsAny(name, `/\`) {
			put(t, dir, name, "content of "+name)
		}
	}
	page := ask(t, h, "GET", "/", "Accept: text/html").Body.String()
	if !utf8.ValidString(page) {
		t.Error("the page says that it is UTF-8, and is not")
	}
	body := page[strings.Index(page, "<tbody>"):strings.Index(page, "</tbody>")]
	if tags := regexp.MustCompile(`<(/?\w+)`).FindAllStringSubmatch(body, -1); len(tags) > 0 {
		for _, tag := range tags {
			switch strings.TrimPrefix(tag[1], "/") {
			case "tbody", "tr", "td", "a", "svg", "use", "span", "bdi", "time":
			default:
				t.Errorf("a name became the tag <%s>", tag[1])
			}
		}
	}
	for _, c := range body {
		if c < ' ' && c != '\n' || deceives(c) && c != '\n' {
			t.Errorf("the page holds %U: a name is not shown safely", c)
		}
	}
	refs := regexp.MustCompile(`<a href="([^"]*)"`).FindAllStringSubmatch(body, -1)
	base, _ := url.Parse("http://host/")
	for _, ref := range refs {
		u, err := base.Parse(html.UnescapeString(ref[1]))
		if err != nil || u.Host != "host" || u.Scheme != "http" {
			t.Errorf("href %q leads to %v, %v", ref[1], u, err)
			continue
		}
		name := strings.TrimPrefix(u.Path, "/")
		if w := ask(t, h, "GET", u.EscapedPath()); w.Code != 200 || w.Body.String() != "content of "+name {
			t.Errorf("href %q: %d %q", ref[1], w.Code, w.Body)
		}
	}
	if list := listed(t, h, "/"); len(refs) != list.Shown || list.Shown != list.Total {
		t.Errorf("%d links, %d entries of %d", len(refs), list.Shown, list.Total)
	}
}

func TestDisplayName(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "a.txt", "日本語 名前.txt": "日本語 名前.txt", "全角\u3000空白": "全角\u3000空白", "a\nb": "a␊b", "\x7f": "␡", "\x1b[31m": "␛[31m",
		"latin\xe9": "latin‹E9›", "x\u202egpj": "x‹U+202E›gpj", "\u200b": "‹U+200B›", "👨\u200d👩": "👨\u200d👩", "e\u0301": "e\u0301", "\ufffd": "\ufffd",
	} {
		if got := displayName(name); got != want {
			t.Errorf("displayName(%q) = %q, want %q", name, got, want)
		}
	}
}

// Whatever the name: what is shown is harmless text, and the reference gives
// the name back and nothing else.
func FuzzNames(f *testing.F) {
	for _, name := range evilNames {
		f.Add(name)
	}
	base, err := url.Parse("http://host/dir/")
	must(f, err)
	f.Fuzz(func(t *testing.T, name string) {
		shown := displayName(name)
		if !utf8.ValidString(shown) {
			t.Fatalf("%q is shown as %q", name, shown)
		}
		for _, c := range shown {
			if c < ' ' || c == 0x7f || deceives(c) {
				t.Fatalf("%q is shown with %U", name, c)
			}
		}
		if strings.Trim(name, ".") == "" || strings.Contains(name, "/") {
			return // no name of an entry
		}
		u, err := base.Parse("./" + escapeName(name))
		if err != nil || u.Host != "host" || u.Path != "/dir/"+name || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q is referred to as %v, %v", name, u, err)
		}
		var page strings.Builder
		list := &Listing{Path: "/", Shown: 1, Total: 1, Entries: []Entry{{Name: name, Type: "folder"}}}
		must(t, writeListing(&page, list, place{name: name, folder: true}, order{key: "name"}, &english))
		if n := strings.Count(page.String(), "<a "); n != 6 {
			t.Fatalf("%q: the page has %d links, want 6: root, up, three columns, the entry", name, n)
		}
	})
}

func TestSizes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 102348: "99.9 KiB", 102400: "100 KiB", 1<<20 - 1: "1.0 MiB", 5 << 30: "5.0 GiB", 1<<63 - 1: "8.0 EiB"} {
		if got := humanSize(n); got != want {
			t.Errorf("humanSize(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}
