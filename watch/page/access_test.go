package page

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/genkan-http/genkan/internal/npm"
)

// axeSource is the text of axe-core, which judges pages by WCAG.
func axeSource(t *testing.T) string {
	t.Helper()
	axe := npm.Package{Name: "axe-core", Version: "4.11.0", SHA256: "39bed7d72308f6d620789c169d699bfd7e8da80f65b545821a6b2215c3e83107"}
	return string(npm.Files(t, axe, "accessibility was not judged")["axe.min.js"])
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
