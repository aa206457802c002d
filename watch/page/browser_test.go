package page

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// started is the one Chromium of all tests, which each open a tab in; every
// test's server has an address of its own, and so a storage of its own.
var started struct {
	once sync.Once
	ctx  context.Context
	err  error
	stop []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for i := range started.stop {
		started.stop[len(started.stop)-1-i]()
	}
	os.Exit(code)
}

func start() {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // it runs as root on build machines, and sees our own pages only
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	started.ctx, started.stop = ctx, []func(){stop, cancel}
	started.err = chromedp.Do(ctx)
}

// chromium is a tab of a real Chromium, without a window; the test is skipped
// where there is none. Whatever the page complains about fails the test, unless
// it holds one of the texts that are expected.
func chromium(t *testing.T, expected ...string) context.Context {
	t.Helper()
	found := false
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if _, err := exec.LookPath(name); err == nil {
			found = true
		}
	}
	if !found {
		t.Skip("Chromium is not installed: the page was not looked at")
	}
	if started.once.Do(start); started.err != nil {
		t.Fatal(started.err)
	}
	tab, cancel := chromedp.NewContext(started.ctx)
	t.Cleanup(cancel)
	tab, cancel = context.WithTimeout(tab, 3*time.Minute)
	t.Cleanup(cancel)
	err := chromedp.Listen(tab, func(ev any) {
		switch ev := ev.(type) {
		case *log.EventEntryAdded:
			ended := strings.HasSuffix(ev.Entry.URL, "/api/stream") && strings.Contains(ev.Entry.Text, "net::ERR_") // the test's server goes first
			if !ended && !slices.ContainsFunc(expected, func(text string) bool { return strings.Contains(ev.Entry.Text, text) }) {
				t.Errorf("the page complains: %s (%s)", ev.Entry.Text, ev.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s %s", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception.Description)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.EmulateViewport(1280, 800))
	return tab
}

func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval is the value of an expression of the page's own language.
func eval[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression, or what it promises, to be true: an element
// that is not there yet is a no. what says what it means.
func until(t *testing.T, tab context.Context, what, expression string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !eval[bool](t, tab, "Promise.resolve().then(() => ("+expression+")).then(Boolean, () => false)") {
		if time.Now().After(deadline) {
			shoot(t, tab, "failed-"+strings.ReplaceAll(t.Name(), "/", "-"))
			t.Fatalf("it never came to be that %s (%s)", what, expression)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// press types keys to whatever has the focus, as a keyboard does: a key that a
// page keeps for itself types nothing.
func press(t *testing.T, tab context.Context, keys ...string) {
	t.Helper()
	for _, r := range strings.Join(keys, "") {
		events := kb.Encode(r)
		down := events[0]
		for _, event := range events {
			if event.Type == kb.KeyChar {
				down.Text, down.UnmodifiedText = event.Text, event.UnmodifiedText
			}
		}
		for _, event := range []*input.DispatchKeyEventParams{down, events[len(events)-1]} {
			if _, err := chromedp.Call(tab, input.DispatchKeyEvent, *event); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func click(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	do(t, tab, chromedp.Click(chromedp.CSS(selector)))
}

// hover points at an element, given as an expression.
func hover(t *testing.T, tab context.Context, element string) {
	t.Helper()
	type point struct{ X, Y float64 }
	at := eval[point](t, tab, `(() => { const e = `+element+`; e.scrollIntoView({block: "center"}); const r = e.getClientRects()[0]; return {X: r.left + 3, Y: r.top + r.height / 2} })()`)
	do(t, tab, chromedp.MouseEvent("mouseMoved", at.X, at.Y))
}

// come opens the page and waits until its list is there.
func come(t *testing.T, tab context.Context, s *server) {
	t.Helper()
	do(t, tab, chromedp.Navigate(s.URL+"/"))
	until(t, tab, "rows are there", `document.querySelectorAll(".rows .row:not([hidden])").length > 5`)
}

// goTo opens the exchange with an id, which is among the first, on one of the
// tabs.
func goTo(t *testing.T, tab context.Context, id, tabName string) {
	t.Helper()
	eval[chromedp.Void](t, tab, `document.getElementById("list").focus()`)
	press(t, tab, "g")
	until(t, tab, "its row is there", `document.querySelector("#row-`+id+`")`)
	eval[chromedp.Void](t, tab, `document.querySelector("#row-`+id+` .c-target").click()`)
	number := map[string]string{"wire": "1", "timeline": "2", "connection": "3", "bodies": "4", "compare": "5"}[tabName]
	press(t, tab, number)
	until(t, tab, id+" is shown on "+tabName, `document.querySelector("#row-`+id+`[aria-selected=true]") && document.querySelector("#detail").dataset.shown === "`+id+" "+tabName+`"`)
}

func media(t *testing.T, tab context.Context, scheme string) {
	t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		t.Fatal(err)
	}
}

// shoot keeps a picture of the page if GENKAN_SHOTS names a folder for it.
func shoot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv("GENKAN_SHOTS")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, "live-"+name+".png"), capture(t, tab), 0o644); err != nil {
		t.Error(err)
	}
}

func capture(t *testing.T, tab context.Context) []byte {
	t.Helper()
	shot, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	return shot
}
