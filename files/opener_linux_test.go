package files

import "testing"

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
