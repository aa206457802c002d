package genkan

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/genkan-http/genkan/loop"
)

// TestUnlinkOnClose: the path of a UNIX socket goes with it, unless it is to
// stay; the next to listen there replaces one that stayed.
func TestUnlinkOnClose(t *testing.T) {
	if !loop.Supported {
		t.Skip("package net listens here, and replaces no path that stayed")
	}
	path := filepath.Join(t.TempDir(), "s")
	srv := &Server{}
	defer srv.Close()
	for _, unlink := range []bool{false, true} {
		l := raiseEndpoint(t, srv, "unix:"+path)
		l.SetUnlinkOnClose(unlink)
		if err := l.Close(); err != nil {
			t.Errorf("SetUnlinkOnClose(%v): Close: %v", unlink, err)
		}
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) != unlink {
			t.Errorf("SetUnlinkOnClose(%v): after Close the path is %v", unlink, err)
		}
	}
}
