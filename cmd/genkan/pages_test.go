package main

import (
	"bytes"
	"context"
	"image/png"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/files"
	"github.com/genkan-http/genkan/socket"
)

// browser is a tab of a real Chromium, without a window; the test is skipped
// where there is none. Whatever the page complains about fails the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			found = true
		}
	}
	if !found {
		t.Skip("Chromium is not installed: the pages were not looked at")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // it runs as root on build machines, and sees our own pages only
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	tab, cancel = context.WithTimeout(tab, 20*time.Second)
	t.Cleanup(cancel)
	err := chromedp.Listen(tab, func(ev any) {
		switch ev := ev.(type) {
		case *log.EventEntryAdded:
			if !strings.HasSuffix(ev.Entry.URL, "/favicon.ico") { // which browsers ask for unasked
				t.Errorf("the page complains: %s (%s)", ev.Entry.Text, ev.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", ev.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// folderServed is a folder with something of everything, and the URL it is
// served at.
func folderServed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"README.md":      "# read me\n",
		"玄関.txt":         "entrance\n",
		"b&<i>.html":     "<h1>angle</h1>",
		"notes/one.txt":  "one",
		"notes/two.json": "{}",
		"z big.bin":      strings.Repeat("z", 3<<20),
		".hidden":        "not for you",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h, err := files.New(dir, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv := &genkan.Server{Handler: h}
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(net.Listener(ln)) }()
	t.Cleanup(func() {
		srv.Close()
		<-served
		h.Close()
	})
	return "http://" + ln.Addr().String()
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, tab context.Context, url string) {
	t.Helper()
	do(t, tab, chromedp.Navigate(url))
}

func visit[T any](t *testing.T, tab context.Context, a chromedp.Action[T]) T {
	t.Helper()
	answer, err := chromedp.Run(tab, a)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// names is what the listing shows, in its order.
const names = `[...document.querySelectorAll("tbody th, tbody td.name")].map(e => e.innerText.trim()).filter(Boolean)`

func TestListingInTheBrowser(t *testing.T) {
	tab := browser(t)
	url := folderServed(t)
	open(t, tab, url+"/")
	title := visit(t, tab, chromedp.Title())
	text := visit(t, tab, chromedp.Text(chromedp.CSS("body")))
	listed := visit(t, tab, chromedp.Evaluate[[]string](names))
	scripts := visit(t, tab, chromedp.Evaluate[int](`document.scripts.length`))
	open(t, tab, url+"/?sort=size&order=desc")
	sorted := visit(t, tab, chromedp.Evaluate[[]string](names))
	t.Logf("title %q, listed %q, by size %q", title, listed, sorted)
	for _, want := range []string{"README.md", "玄関.txt", "b&<i>.html", "notes", "z big.bin"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(text, ".hidden") {
		t.Error("a dot file is on the page")
	}
	if scripts != 0 {
		t.Errorf("%d scripts on a page that works without", scripts)
	}
	at := func(list []string, name string) int {
		for i, s := range list {
			if strings.HasPrefix(s, name) {
				return i
			}
		}
		t.Errorf("%q is not among %q", name, list)
		return -1
	}
	if at(listed, "z big.bin") < at(listed, "README.md") || at(sorted, "z big.bin") > at(sorted, "README.md") {
		t.Errorf("by name %q, by size, largest first, %q", listed, sorted)
	}
}

func TestListingIsWalkedByClicks(t *testing.T) {
	tab := browser(t)
	url := folderServed(t)
	open(t, tab, url+"/")
	do(t, tab,
		chromedp.Click(chromedp.CSS(`a[href$="notes/"]`)),
		chromedp.WaitVisible(chromedp.CSS(`a[href$="one.txt"]`)))
	inside := visit(t, tab, chromedp.Location())
	do(t, tab,
		chromedp.Click(chromedp.CSS(`a[href$="one.txt"]`)),
		chromedp.WaitVisible(chromedp.CSS(`pre`)))
	file := visit(t, tab, chromedp.Text(chromedp.CSS("pre")))
	open(t, tab, inside)
	do(t, tab,
		chromedp.Click(chromedp.CSS(`a.up`)), // the way up
		chromedp.WaitVisible(chromedp.CSS(`a[href$="notes/"]`)))
	back := visit(t, tab, chromedp.Location())
	if inside != url+"/notes/" || file != "one" || back != url+"/" {
		t.Errorf("walked to %q, read %q, came back to %q", inside, file, back)
	}
}

// The page has two faces; both are drawn, and they differ.
func TestListingHasLightAndDarkAndNarrow(t *testing.T) {
	tab := browser(t)
	url := folderServed(t)
	shots := map[string][]byte{}
	shoot := func(name, scheme string, width int64) {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		do(t, tab, chromedp.EmulateViewport(width, 800))
		open(t, tab, url+"/")
		shots[name] = visit(t, tab, chromedp.FullScreenshot(100))
	}
	shoot("light", "light", 1100)
	shoot("dark", "dark", 1100)
	shoot("narrow", "light", 360)
	overflow := visit(t, tab, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
	if overflow {
		t.Error("360 pixels wide, the page has to be scrolled sideways")
	}
	light, dark := brightness(t, shots["light"]), brightness(t, shots["dark"])
	if light < 0.6 || dark > 0.4 {
		t.Errorf("brightness of the light page %.2f and of the dark one %.2f: want above 0.6, below 0.4", light, dark)
	}
	if dir := os.Getenv("GENKAN_SHOTS"); dir != "" { // to be looked at
		for name, shot := range shots {
			if err := os.WriteFile(filepath.Join(dir, "listing-"+name+".png"), shot, 0o644); err != nil {
				t.Error(err)
			}
		}
	}
}

// brightness is the mean of a picture, from 0, black, to 1, white.
func brightness(t *testing.T, shot []byte) float64 {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	b := m.Bounds()
	n := 0
	for y := b.Min.Y; y < b.Max.Y; y += 7 {
		for x := b.Min.X; x < b.Max.X; x += 7 {
			r, g, bl, _ := m.At(x, y).RGBA()
			sum += float64(r+g+bl) / 3 / 0xffff
			n++
		}
	}
	return sum / float64(n)
}
