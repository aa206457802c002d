package page

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const axe = "axe-core@4.11.0"

// axeSource is the text of axe-core, which judges pages by WCAG. It comes from
// npm, once, into a folder for temporary files; where that cannot be, the test
// is skipped.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "genkan-"+strings.ReplaceAll(axe, "@", "-"))
	archives, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if len(archives) == 0 {
		if _, err := exec.LookPath("npm"); err != nil {
			t.Skip("npm is not installed: accessibility was not judged")
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
		defer cancel()
		if out, err := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, axe).CombinedOutput(); err != nil {
			t.Skipf("npm cannot fetch %s: accessibility was not judged (%v: %s)", axe, err, out)
		}
		if archives, _ = filepath.Glob(filepath.Join(dir, "*.tgz")); len(archives) == 0 {
			t.Fatalf("npm pack left no archive in %s", dir)
		}
	}
	return unpack(t, archives[0], "package/axe.min.js")
}

func unpack(t *testing.T, archive, name string) string {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err != nil {
			t.Fatalf("%s in %s: %v", name, archive, err)
		}
		if header.Name != name {
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// judge lets axe-core look at a part of the page as it is now, by all its
// rules or by some.
func judge(t *testing.T, tab context.Context, source, view, part, rules string) {
	t.Helper()
	if !eval[bool](t, tab, `typeof axe === "object"`) {
		eval[chromedp.Void](t, tab, source)
	}
	type violation struct {
		ID, Help string
		Nodes    []string
	}
	found := eval[[]violation](t, tab, `axe.run(document.querySelector("`+part+`"), {resultTypes: ["violations"], `+rules+`}).then(r => r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 3).map(n => n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " ").slice(0, 300))})))`)
	for _, v := range found {
		t.Errorf("%s: %s (%s)\n\t%s", view, v.Help, v.ID, strings.Join(v.Nodes, "\n\t"))
	}
}

func TestAccessibility(t *testing.T) {
	source := axeSource(t)
	tab := chromium(t)
	s := serve(t, 4)
	const colours, others = `runOnly: ["color-contrast"]`, `rules: {"color-contrast": {enabled: false}}`
	for _, face := range []struct {
		name, scheme, rules string
		width               int64
	}{{"light", "light", "", 1280}, {"dark", "dark", colours, 1280}, {"narrow", "light", others, 390}} {
		look := func(view, part string) {
			t.Helper()
			judge(t, tab, source, face.name+": "+view, part, face.rules)
		}
		media(t, tab, face.scheme)
		do(t, tab, chromedp.EmulateViewport(face.width, 800))
		come(t, tab, s)
		look("list", "html")
		views := []struct{ id, tab string }{{"3", "wire"}, {"3", "timeline"}, {"12", "wire"}, {"4", "compare"}, {"7", "connection"}, {"7", "bodies"}, {"13", "bodies"}, {"5", "bodies"}}
		switch face.rules { // what has been judged once is not judged again
		case colours:
			views = views[:4]
		case others:
			views = views[:1]
		}
		for _, view := range views {
			goTo(t, tab, view.id, view.tab)
			until(t, tab, "nothing loads any more", `!/Loading/.test(document.querySelector(".panel").textContent)`)
			if view.tab == "compare" {
				press(t, tab, "r")
				until(t, tab, "the answers are compared", `document.querySelector(".verdict")`)
			}
			part := "#detail"
			if view.id == "3" && view.tab == "wire" {
				eval[chromedp.Void](t, tab, `document.querySelector(".piece").focus()`)
				part = "html"
			}
			look(view.tab+" of "+view.id, part)
			press(t, tab, kb.Escape)
		}
		if face.rules == others {
			continue
		}
		press(t, tab, "?")
		until(t, tab, "help is open", `document.querySelector("dialog[open]")`)
		look("help", "dialog")
		press(t, tab, kb.Escape)
		goTo(t, tab, "4", "wire")
		press(t, tab, "x")
		until(t, tab, "the menu is open", `document.querySelector("#takeout:popover-open")`)
		look("copy or save", "#takeout")
		press(t, tab, kb.Escape, "e")
		until(t, tab, "the request can be edited", `document.querySelector("dialog[open] textarea")`)
		look("edit", "dialog")
		press(t, tab, kb.Escape)
		press(t, tab, "/", "~z")
		look("filter that is not understood", "header")
		press(t, tab, kb.Escape)
	}
}
