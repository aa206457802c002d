package files

// Opening: the rules about names are in path.go; here the kernel is asked in
// a way that cannot leave the root, whatever links it meets, and cannot
// wait, whatever it opens.

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"time"
)

// kind is what was opened, as far as it matters here.
type kind uint8

const (
	other   kind = iota // fifo, device, socket: never served
	regular             // a file with a length
	folder
)

// facts are what fstat(2) tells about an opened file. They belong to the
// descriptor, not to the name: what happens to the name later changes nothing.
type facts struct {
	kind     kind
	size     int64 // bytes
	modified time.Time
	changed  time.Time // of the inode, which nobody can set; zero where the system has none
	inode    uint64    // 0 where the system has none
}

// factsOf reads facts from what package os says.
func factsOf(info fs.FileInfo) facts {
	f := facts{size: info.Size(), modified: info.ModTime(), inode: inodeOf(info), changed: changedAt(info)}
	switch {
	case info.Mode().IsRegular():
		f.kind = regular
	case info.IsDir():
		f.kind = folder
	}
	return f
}

// openInRoot opens a name through os.Root, on every system: one open per
// segment, and links are followed by hand, inside.
func openInRoot(root *os.Root, name string) (*os.File, facts, error) {
	file, err := root.OpenFile(name, os.O_RDONLY|dontWait, 0)
	if err != nil {
		return nil, facts{}, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, facts{}, err
	}
	return file, factsOf(info), nil
}

// isNotFolder reports whether there is something called dir that is no folder.
func isNotFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && !info.IsDir()
}

// statusOf maps an error of opening or reading to the status of the answer.
// What means "nothing of that name may be served" is 404, whatever the
// system's word for it.
func statusOf(err error) int {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, fs.ErrClosed):
		return http.StatusServiceUnavailable
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return http.StatusNotFound // os.Root: "path escapes from parent"
	}
	switch errno {
	case syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.ELOOP, syscall.EXDEV, syscall.ENXIO, syscall.ENODEV, syscall.EINVAL, syscall.EILSEQ:
		return http.StatusNotFound
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EAGAIN, syscall.EINTR:
		return http.StatusServiceUnavailable
	}
	if runtime.GOOS == "windows" {
		switch errno {
		case 123, 206, 267, 1920, 1921: // invalid name, too long, not a folder, cannot be followed, link loop
			return http.StatusNotFound
		}
	}
	return http.StatusInternalServerError
}
