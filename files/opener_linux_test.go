package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// eachOpener runs the test with openat2 and, as on kernels without it, with
// os.Root: they must not differ.
func eachOpener(t *testing.T, dir string, test func(*testing.T, *Handler)) {
	for name, without := range map[string]bool{"openat2": false, "os.Root": true} {
		t.Run(name, func(t *testing.T) {
			h, err := New(dir, Options{})
			must(t, err)
			defer h.Close()
			h.tree.noOpenat2.Store(without)
			test(t, h)
			if !without && h.tree.noOpenat2.Load() {
				t.Log("this kernel has no openat2: os.Root was tested twice")
			}
		})
	}
}

// Whatever the answer, every descriptor is given back: by the request, and
// the root's by Close.
func TestDescriptorsAreGivenBack(t *testing.T) {
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		must(t, err)
		return len(entries)
	}
	before := count()
	dir := t.TempDir()
	put(t, dir, "a.txt", "hello")
	put(t, dir, "big", string(make([]byte, smallFile+1)))
	put(t, dir, "d/b", "x")
	put(t, dir, "i/index.html/x", "x")
	must(t, unix.Mkfifo(filepath.Join(dir, "pipe"), 0o644))
	eachOpener(t, dir, func(t *testing.T, h *Handler) {
		open := count()
		for _, target := range []string{"/a.txt", "/big", "/d", "/d/", "/i/", "/pipe", "/pipe/", "/missing", "/missing/", "/.x"} {
			for _, field := range []string{"X: y", "Range: bytes=0-1", "Range: bytes=0-0,2-2", "Range: bytes=99999999-", "If-None-Match: *", `If-Match: "x"`} {
				ask(t, h, "GET", target, field)
				ask(t, h, "HEAD", target, field)
				if now := count(); now != open {
					t.Fatalf("GET and HEAD %s with %s: %d descriptors, %d before", target, field, now, open)
				}
			}
		}
	})
	if now := count(); now != before {
		t.Errorf("%d descriptors after Close, %d before New", now, before)
	}
}

// What openat2 is worth, beside os.Root on the same files.
func BenchmarkOpen(b *testing.B) {
	h, _ := newHandler(b, Options{}, map[string]string{"1k.txt": "x", "a/b/c/1k.txt": "x"})
	for _, name := range []string{"1k.txt", "a/b/c/1k.txt"} {
		for how, without := range map[string]bool{"openat2": false, "os.Root": true} {
			b.Run(how+"/"+strings.ReplaceAll(name, "/", "-"), func(b *testing.B) {
				h.tree.noOpenat2.Store(without)
				b.ReportAllocs()
				for b.Loop() {
					o, err := h.tree.open(name)
					must(b, err)
					o.close()
				}
			})
		}
	}
}
