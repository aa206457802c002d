package files

// Linux: openat2(2) walks the whole path in one call and refuses by itself
// to leave the root, where os.Root needs an open and a close per segment.
// The descriptor stays a number until something needs an *os.File: a small
// file costs openat2, fstat, pread, close, and nothing for the garbage
// collector or the poller.

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// dontWait keeps open(2) from waiting for the other end of a fifo, and a
// terminal from becoming ours.
const dontWait = unix.O_NONBLOCK | unix.O_NOCTTY

// beneath is how every name is opened. The kernel only reads it.
var beneath = unix.OpenHow{
	Flags:   unix.O_RDONLY | unix.O_CLOEXEC | dontWait,
	Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
}

// tree is the opened root. The lock is held for reading during openat2 alone:
// after close, the number of the descriptor may mean another folder.
type tree struct {
	root *os.Root
	dir  *os.File // the root again: openat2 needs a number, and os.Root has none to give

	mu     sync.RWMutex
	closed bool

	noOpenat2 atomic.Bool // the kernel is older than 5.6, or a filter forbids the call
}

func newTree(root *os.Root) (*tree, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	return &tree{root: root, dir: dir}, nil
}

func (t *tree) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	if err := t.dir.Close(); err != nil {
		t.root.Close()
		return err
	}
	return t.root.Close()
}

// opened is a file or folder of the tree. Its owner closes it.
type opened struct {
	facts
	fd   int      // valid while file is nil
	file *os.File // owns the descriptor once it is there
}

// open opens a name below the root. The error unwraps to the system's errno.
func (t *tree) open(name string) (opened, error) {
	if t.noOpenat2.Load() {
		return t.openSlowly(name)
	}
	fd, err := t.openBeneath(name)
	switch err {
	case nil:
	case unix.ENOSYS, unix.EPERM:
		// EPERM is what sandboxes answer for calls they do not know;
		// openat2 itself has no use for it on a read.
		t.noOpenat2.Store(true)
		return t.openSlowly(name)
	case unix.EAGAIN:
		return t.openSlowly(name) // somebody renames folders all the time
	default:
		return opened{}, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return opened{}, fmt.Errorf("fstat: %w", err)
	}
	return opened{facts: factsOfStat(&st), fd: fd}, nil
}

// openBeneath is openat2(2), repeated when a signal or a rename on the way
// made it give up.
func (t *tree) openBeneath(name string) (fd int, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.closed {
		return -1, os.ErrClosed
	}
	for range 8 {
		fd, err = unix.Openat2(int(t.dir.Fd()), name, &beneath)
		if err != unix.EINTR && err != unix.EAGAIN {
			break
		}
	}
	return fd, err
}

func (t *tree) openSlowly(name string) (opened, error) {
	file, f, err := openInRoot(t.root, name)
	return opened{facts: f, file: file}, err
}

func factsOfStat(st *unix.Stat_t) facts {
	f := facts{size: st.Size, modified: time.Unix(st.Mtim.Unix()), changed: time.Unix(st.Ctim.Unix()), inode: st.Ino}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		f.kind = regular
	case unix.S_IFDIR:
		f.kind = folder
	}
	return f
}

// readAt is pread(2) until p is full. io.ErrUnexpectedEOF: the file ended
// before.
func (o *opened) readAt(p []byte, offset int64) error {
	for len(p) > 0 {
		n, err := o.readSome(p, offset)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		p, offset = p[n:], offset+int64(n)
	}
	return nil
}

func (o *opened) readSome(p []byte, offset int64) (int, error) {
	if o.file != nil {
		return o.file.ReadAt(p, offset)
	}
	return unix.Pread(o.fd, p, offset)
}

// sendDirectly sends a span if w can send from a descriptor; ok: it could.
func (o *opened) sendDirectly(w io.Writer, s span) (sent int64, ok bool, err error) {
	direct, is := w.(fileSender)
	if !is || o.file != nil {
		return 0, false, nil
	}
	sent, err = direct.SendFile(uintptr(o.fd), s.start, s.length)
	return sent, sent > 0 || !errors.Is(err, errors.ErrUnsupported), err
}

// asFile is the descriptor as an *os.File, which stays the owner's.
func (o *opened) asFile() *os.File {
	if o.file == nil {
		o.file = os.NewFile(uintptr(o.fd), "")
	}
	return o.file
}

func (o *opened) close() {
	if o.file != nil {
		o.file.Close()
		return
	}
	unix.Close(o.fd)
}
