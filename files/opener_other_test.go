//go:build !linux

package files

import "testing"

// eachOpener runs the test with the one way to open that there is.
func eachOpener(t *testing.T, dir string, test func(*testing.T, *Handler)) {
	h, err := New(dir, Options{})
	must(t, err)
	defer h.Close()
	test(t, h)
}
