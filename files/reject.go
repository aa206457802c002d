package files

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// check refuses options that mean nothing.
func (o Options) check() error {
	if o.MaxEntries < 0 {
		return fmt.Errorf("files: Options.MaxEntries is %d: a listing needs a bound; leave it 0 for %d, or give a larger number", o.MaxEntries, defaultMaxEntries)
	}
	for i := range len(o.CacheControl) {
		if c := o.CacheControl[i]; c < ' ' || c >= 0x7f {
			return fmt.Errorf("files: Options.CacheControl %q has byte %#02x at %d: a field value holds printable ASCII here (RFC 9110, 5.5)", o.CacheControl, c, i)
		}
	}
	return nil
}

// whyNotRoot says in words why dir cannot be served, and what to do.
func whyNotRoot(dir string, err error) error {
	switch {
	case dir == "":
		return errors.New(`files: no folder given: use "." for the current one`)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("files: there is no folder %q: make it, or name another: %w", dir, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("files: the folder %q may not be opened by this user: %w", dir, err)
	case errors.Is(err, syscall.ENOTDIR) || isNotFolder(dir):
		return fmt.Errorf("files: %q is not a folder: name the folder that holds it: %w", dir, err)
	default:
		return fmt.Errorf("files: the folder %q cannot be opened: %w", dir, err)
	}
}
