package watch_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/genkan-http/genkan/watch"
)

// browser is a tab of a real Chromium; the test is skipped where there is none.
// Whatever the page complains about fails it.
func browser(t *testing.T) context.Context {
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
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Flag("lang", "en-US"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	tab, cancel = context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(cancel)
	err := chromedp.Listen(tab, func(ev any) {
		switch ev := ev.(type) {
		case *log.EventEntryAdded:
			t.Errorf("the page complains: %s (%s)", ev.Entry.Text, ev.Entry.URL)
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", ev.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 800)); err != nil {
		t.Fatal(err)
	}
	return tab
}

func eval[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func until(t *testing.T, tab context.Context, what, expression string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !eval[bool](t, tab, "Boolean("+expression+")"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			shoot(t, tab, "failed")
			t.Fatalf("it never came to be that %s (%s)", what, expression)
		}
	}
}

// shoot keeps a picture if GENKAN_SHOTS names a folder for it.
func shoot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv("GENKAN_SHOTS")
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "watch-"+name+".png"), shot, 0o644)
	}
	if err != nil {
		t.Error(err)
	}
}

// TestSeen: a form is posted to a real server, and its bytes are on the real
// page, live, with what they mean; it is sent again from there.
func TestSeen(t *testing.T) {
	tab := browser(t)
	asked := make(chan string, 10)
	a := watched(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.Path
		echo(w, r)
	}, watch.LiveOptions{})
	if err := chromedp.Do(tab, chromedp.Navigate(a.live.URL())); err != nil {
		t.Fatal(err)
	}
	until(t, tab, "the page is there, without the token in its address", `document.querySelector("#list") && !location.search`)
	a.talk(form)
	<-asked
	until(t, tab, "the exchange is listed", `document.querySelector("#row-1")?.innerText.includes("/form")`)
	eval[chromedp.Void](t, tab, `document.querySelector("#row-1 .c-target").click()`)
	until(t, tab, "its wire is shown", `document.querySelector("#detail").innerText.includes("application/x-www-form-urlencoded")`)
	if text := eval[string](t, tab, `document.body.innerText`); strings.Contains(text, "s3cret") {
		t.Error("a secret is on the page, and nobody asked for it")
	}
	shoot(t, tab, "wire")
	press := func(key string) {
		t.Helper()
		if err := chromedp.Do(tab, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
	}
	press("2")
	until(t, tab, "its calls are shown", `document.querySelector("#detail").innerText.includes("recv(")`)
	shoot(t, tab, "timeline")
	press("4")
	until(t, tab, "its body is shown", `document.querySelector("#detail").innerText.includes("玄関")`)
	shoot(t, tab, "body")
	a.talk("GET /x HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n")
	until(t, tab, "the refused request is listed", `document.querySelector("#row-2")`)
	eval[chromedp.Void](t, tab, `document.querySelector("#row-2 .c-target, #row-2").click()`)
	press("1")
	until(t, tab, "the rule is shown", `document.querySelector("#detail").innerText.includes("field-name-space")`)
	shoot(t, tab, "refused")
}
