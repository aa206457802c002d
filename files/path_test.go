package files

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// climbs is what has been sent to file servers to get out of the folder or
// at its hidden files. Each must be 404.
var climbs = []struct{ target, why string }{
	{"/../secret", "dot-dot"},
	{"/d/../../secret", "dot-dot after a folder"},
	{"/d/../a.txt", "dot-dot, even where it stays inside: the text is never changed"},
	{"/%2e%2e/secret", "encoded dots are dots"},
	{"/.%2e/secret", "half encoded"},
	{"/%252e%252e/secret", "decoded once only: a folder called %2e%2e"},
	{"/..%2fsecret", "an encoded slash is no separator"},
	{"/..%252fsecret", "nor a doubly encoded one"},
	{"/d%2fb.txt", "an encoded slash, even to an existing file"},
	{"/d%2Fb.txt", "in either case"},
	{"/..%5csecret", "an encoded backslash"},
	{"/d%5Cb.txt", "in either case"},
	{`/..\secret`, "a backslash"},
	{`/d\b.txt`, "a backslash, even to an existing file"},
	{"/..;/secret", "a path parameter, as Tomcat strips it"},
	{"/d/..;/..;/secret", "and again"},
	{"/%c0%ae%c0%ae/secret", "overlong UTF-8 for dots: just bytes"},
	{"/%e0%80%ae%e0%80%ae/secret", "overlong in three bytes"},
	{"/..%c0%afsecret", "overlong slash"},
	{"/.%00./secret", "NUL in dot-dot"},
	{"/a.txt%00", "NUL after a name"},
	{"/a.txt%00.png", "NUL before another extension"},
	{"//etc/passwd", "an empty segment"},
	{"/d//b.txt", "an empty segment inside"},
	{"//evil.example/..", "a host, to a redirect that cleans"},
	{"//evil.example/%2e%2e", "the same, encoded"},
	{"/./a.txt", "one dot"},
	{"/d/.", "one dot at the end"},
	{"/d/./", "and a slash"},
	{"/.git/config", "a dot folder"},
	{"/.env", "a dot file"},
	{"/d/.htpasswd", "a dot file further down"},
	{"/%2eenv", "encoded"},
	{"/.well-known/../.env", "through the public dot folder"},
	{"/.well-known/.x", "a dot file inside it"},
	{"/.well-known./x", "only its exact name"},
	{"/.WELL-KNOWN/x", "only its exact name"},
	{"/...", "three dots are a dot file"},
	{"/a.txt/../../secret", "through a file"},
	{"/" + strings.Repeat("x", 300), "longer than a name may be"},
	{"/" + strings.Repeat("x/", 3000), "longer than a path may be"},
	{"/" + strings.Repeat("../", 50) + "etc/passwd", "many"},
	{"/proc/self/root/etc/passwd", "no absolute names"},
	{"/link-out", "a link that leads outside"},
	{"/link-abs", "an absolute link"},
	{"/dir-out/secret", "through a link to a folder outside"},
	{"/dir-out/", "that folder"},
	{"/dir-out", "without a redirect that would tell that it is there"},
	{"/link-loop", "a link to itself"},
	{"/link-nowhere", "a link to nothing"},
}

func TestNothingOutside(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "root")
	for _, name := range []string{"a.txt", "d/b.txt", ".env", ".git/config", "d/.htpasswd", ".well-known/.x", ".well-known/x", "..."} {
		put(t, dir, name, "inside")
	}
	put(t, outer, "secret", "SECRET")
	for link, to := range map[string]string{"link-out": "../secret", "link-abs": filepath.Join(outer, "secret"), "dir-out": "..", "link-loop": "link-loop", "link-nowhere": "nowhere"} {
		must(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		plain := ask(t, h, "GET", "/missing").Body.String()
		for _, c := range climbs {
			w := ask(t, h, "GET", c.target)
			if w.Code != 404 || w.Body.String() != plain {
				t.Errorf("GET %.80s: %d %.80q, want 404 as for any missing file: %s", c.target, w.Code, w.Body, c.why)
			}
		}
	})
}

func TestPlaceOf(t *testing.T) {
	for _, c := range []struct {
		path, raw string
		name      string
		folder    bool
		why       string
	}{
		{"/", "", ".", true, "the root"},
		{"", "", ".", true, "the root, after http.StripPrefix"},
		{"/a", "", "a", false, "a file"},
		{"a/b", "", "a/b", false, "after http.StripPrefix"},
		{"/a/", "", "a", true, "a folder"},
		{"/%2f", "/%252f", "%2f", false, "a percent sign may be in a name"},
		{"/a\xff", "", "a\xff", false, "a name is bytes here"},
		{"/a\nb", "", "a\nb", false, "even these; the listing shows them safely"},
		{"/a..b/c..", "", "a..b/c..", false, "dots elsewhere are harmless"},
		{"/.well-known/", "", ".well-known", true, "RFC 8615"},
	} {
		at, ok := placeOf(c.path, c.raw)
		if (at != place{c.name, c.folder}) || !ok {
			t.Errorf("placeOf(%q, %q) = %+v, %v; want %q, folder %v: %s", c.path, c.raw, at, ok, c.name, c.folder, c.why)
		}
	}
}

func TestAliases(t *testing.T) {
	for _, name := range []string{"CON", "con.txt", "Nul", "com1", "LPT¹.x", "AUX .txt", "a:b", "file.txt::$DATA", "secret.", "secret ", "GIT~1", "a?b", "a\x01", "\xff", "CONOUT$"} {
		if !windowsMisreads(name) {
			t.Errorf("%q means something else on Windows, and was let through", name)
		}
	}
	for _, name := range []string{"console", "com", "com10", "a.b", "backup~", "~x", "日本.txt"} {
		if windowsMisreads(name) {
			t.Errorf("%q is an ordinary name on Windows, and was refused", name)
		}
	}
	for name, want := range map[string]bool{"\u200c.git": true, ".g\u200dit": true, "\ufeffa": true, "é": false, "日本": false, "\xff": true} {
		if hfsMisreads(name) != want {
			t.Errorf("hfsMisreads(%q) = %v", name, !want)
		}
	}
}

// Whatever the text, a name that is let through has no segment that climbs,
// hides or separates, and is the decoded path itself.
func FuzzPlaceOf(f *testing.F) {
	for _, c := range climbs {
		f.Add(c.target)
	}
	f.Add("/a/b%20c/")
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return
		}
		at, ok := placeOf(u.Path, u.RawPath)
		if !ok {
			return
		}
		if back := strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/"); at.name != "." && at.name != back {
			t.Fatalf("%q opens %q, which is not the decoded path %q", target, at.name, back)
		}
		if at.name == "." {
			return
		}
		if !filepath.IsLocal(at.name) || strings.ContainsAny(at.name, "\\\x00") {
			t.Fatalf("%q opens %q", target, at.name)
		}
		for i, s := range at.segments() {
			if s == "" || s[0] == '.' && !(i == 0 && s == ".well-known") {
				t.Fatalf("%q opens %q: segment %q", target, at.name, s)
			}
		}
		if to, err := url.Parse("./" + escapeName(at.base()) + "/"); err != nil || to.Host != "" || to.Scheme != "" {
			t.Fatalf("%q redirects to %v, %v", target, to, err)
		}
	})
}
