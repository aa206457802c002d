package page

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// Every view is drawn in light and dark, wide and narrow, in both languages;
// with GENKAN_SHOTS set to a folder the pictures are kept, to be looked at.
func TestViewsAreDrawn(t *testing.T) {
	tab := chromium(t)
	s := serve(t, 400)
	views := []struct{ name, id, tab string }{
		{"login", "3", "wire"}, {"pipelined", "7", "connection"}, {"timeline", "3", "timeline"}, {"refused", "12", "wire"}, {"why", "12", "timeline"},
		{"json", "7", "bodies"}, {"form", "3", "bodies"}, {"chunked", "11", "wire"}, {"attack", "14", "wire"}, {"image", "5", "bodies"},
		{"websocket", "13", "bodies"}, {"story", "1", "connection"},
	}
	for n, face := range []struct {
		name, scheme, language string
		width                  int64
	}{
		{"light", "light", "en", 1440}, {"dark", "dark", "en", 1440}, {"narrow-ja", "dark", "ja", 390}, {"narrow", "light", "en", 390}, {"middle", "light", "en", 1000}, {"ja", "light", "ja", 1440},
	} {
		if os.Getenv("GENKAN_SHOTS") == "" && n%2 == 1 {
			continue // when nobody looks, every other face is enough, and each view once
		}
		t.Run(face.name, func(t *testing.T) {
			media(t, tab, face.scheme)
			do(t, tab, chromedp.EmulateViewport(face.width, 900))
			come(t, tab, s)
			eval[chromedp.Void](t, tab, `localStorage.setItem("genkan.language", "`+face.language+`")`)
			come(t, tab, s)
			shoot(t, tab, face.name+"-list")
			for i, view := range views {
				if os.Getenv("GENKAN_SHOTS") == "" && i%3 != n/2 {
					continue
				}
				goTo(t, tab, view.id, view.tab)
				until(t, tab, "nothing loads any more", `![...document.querySelectorAll(".panel .gap")].some(e => /Loading|読み込み/.test(e.textContent))`)
				shoot(t, tab, face.name+"-"+view.name)
				if wide := eval[bool](t, tab, `document.documentElement.scrollWidth > innerWidth`); wide {
					t.Errorf("%s, %d pixels wide, has to be scrolled sideways", view.name, face.width)
				}
				if missing := eval[string](t, tab, `(document.body.innerText.match(/⟨[^⟩]*⟩/) ?? [""])[0]`); missing != "" {
					t.Errorf("%s has no words for %s", view.name, missing)
				}
				press(t, tab, "\x1b")
			}
			if os.Getenv("GENKAN_SHOTS") != "" {
				shootActs(t, tab, s, face.name)
			}
			press(t, tab, "?")
			until(t, tab, "help is open", `document.querySelector("dialog[open]")`)
			shoot(t, tab, face.name+"-help")
			press(t, tab, "\x1b")
			bright := brightness(t, capture(t, tab))
			if face.scheme == "light" && bright < 0.6 || face.scheme == "dark" && bright > 0.4 {
				t.Errorf("brightness %.2f in %s: want above 0.6 in light, below 0.4 in dark", bright, face.scheme)
			}
		})
	}
}

// shootActs keeps pictures of what a person does: nothing is judged.
func shootActs(t *testing.T, tab context.Context, s *server, face string) {
	t.Helper()
	goTo(t, tab, "3", "wire")
	eval[chromedp.Void](t, tab, `document.querySelectorAll(".recv .piece")[6].focus()`)
	shoot(t, tab, face+"-act-lit")
	click(t, tab, ".choice [data-key='1']")
	shoot(t, tab, face+"-act-hex")
	click(t, tab, ".choice [data-key='0']")
	press(t, tab, "x")
	until(t, tab, "the menu is open", `document.querySelector("#takeout:popover-open")`)
	shoot(t, tab, face+"-act-menu")
	press(t, tab, "\x1b", "e")
	until(t, tab, "the request can be edited", `document.querySelector("dialog[open] textarea")`)
	shoot(t, tab, face+"-act-edit")
	press(t, tab, "\x1b", "r")
	until(t, tab, "the answers are compared", `document.querySelector(".verdict")`)
	shoot(t, tab, face+"-act-compare")
	press(t, tab, "\x1b", " ", "/", "~s 4xx !~r")
	s.push("exchange", plainSummary(5000))
	until(t, tab, "one waits", `document.querySelector("#foot .waiting")`)
	shoot(t, tab, face+"-act-paused")
	press(t, tab, "\x1b", "\x1b", " ")
	press(t, tab, "/", "no such thing")
	shoot(t, tab, face+"-act-none")
	press(t, tab, "\x1b", "\x1b", "c")
	until(t, tab, "it asks", `document.querySelector("dialog[open]")`)
	shoot(t, tab, face+"-act-clear")
	press(t, tab, "\x1b")
}

// brightness is the mean of a picture, from 0, black, to 1, white.
func brightness(t *testing.T, shot []byte) float64 {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	n := 0
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 9 {
		for x := b.Min.X; x < b.Max.X; x += 9 {
			red, green, blue, _ := m.At(x, y).RGBA()
			sum += float64(red+green+blue) / 3 / 0xffff
			n++
		}
	}
	return sum / float64(n)
}
