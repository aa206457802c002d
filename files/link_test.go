//go:build unix

package files

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestLinksInside(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "real/a.txt", "inside")
	put(t, dir, "real/index.html", "index")
	put(t, dir, ".data/c.txt", "mounted")
	for link, to := range map[string]string{
		"link.txt": "real/a.txt", "dir": "real", "real/up.txt": "../real/a.txt", "c.txt": ".data/c.txt", "far": "dir/up.txt",
	} {
		must(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		for target, want := range map[string]string{
			"/link.txt": "inside", "/dir/a.txt": "inside", "/dir/": "index", "/real/up.txt": "inside", "/far": "inside",
			"/c.txt": "mounted", // as container systems mount: the name asked for has no dot
		} {
			if w := ask(t, h, "GET", target); w.Code != 200 || w.Body.String() != want {
				t.Errorf("GET %s: %d %q, want %q: a link that stays inside is followed", target, w.Code, w.Body, want)
			}
		}
		if w := ask(t, h, "GET", "/dir"); w.Code != 301 {
			t.Errorf("GET /dir: %d, want 301: a link to a folder is a folder", w.Code)
		}
	})
}

// A fifo, a socket and a device answer at once, as if they were not there.
func TestSpecialFilesNeverWait(t *testing.T) {
	dir := t.TempDir()
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	put(t, dir, "d/", "")
	must(t, syscall.Mkfifo(filepath.Join(dir, "d/index.html"), 0o644))
	must(t, os.Symlink("pipe", filepath.Join(dir, "to-pipe")))
	t.Chdir(dir) // a socket's path may have 100 bytes only
	l, err := net.Listen("unix", "sock")
	must(t, err)
	defer l.Close()
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, target := range []string{"/pipe", "/pipe/", "/pipe/x", "/to-pipe", "/to-pipe/", "/sock", "/sock/", "/d/index.html"} {
				if w := ask(t, h, "GET", target); w.Code != 404 {
					t.Errorf("GET %s: %d, want 404: not a regular file", target, w.Code)
				}
			}
			if _, err := h.list(t.Context(), place{name: "pipe", folder: true}, order{}); err == nil {
				t.Error("a fifo was listed")
			}
			if w := ask(t, h, "GET", "/d/"); w.Code != 200 || strings.Contains(w.Body.String(), "index.html") {
				t.Errorf("GET /d/: %d, want a listing without the fifo", w.Code)
			}
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatal("open waits for the other end of a fifo")
		}
	})
}

// Somebody swaps a folder for a link to the outside, again and again, while
// we open files below it. The kernel's walk must never follow it out.
func TestSwapRace(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "root")
	put(t, dir, "d/f", "inside")
	put(t, outer, "outside/f", "SECRET")
	put(t, outer, "outside/SECRET.txt", "SECRET") // a listing of the outside would show its name
	must(t, os.Symlink("../outside", filepath.Join(dir, "evil")))
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		stop := make(chan struct{})
		var swapper sync.WaitGroup
		swapper.Go(func() {
			at := func(name string) string { return filepath.Join(dir, name) }
			for {
				select {
				case <-stop:
					return
				default:
				}
				os.Rename(at("d"), at("aside"))
				os.Rename(at("evil"), at("d"))
				os.Rename(at("d"), at("evil"))
				os.Rename(at("aside"), at("d"))
			}
		})
		seen := map[int]int{}
		for range 3000 {
			for _, target := range []string{"/d/f", "/d/"} {
				w := ask(t, h, "GET", target)
				seen[w.Code]++
				if strings.Contains(w.Body.String(), "SECRET") {
					t.Fatalf("GET %s left the folder", target)
				}
			}
		}
		close(stop)
		swapper.Wait()
		if seen[200] == 0 || seen[404] == 0 {
			t.Errorf("answers were %v: the race was not run", seen)
		}
	})
}
