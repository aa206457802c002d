//go:build !linux

package files

// Other systems: os.Root, which opens segment by segment.

import (
	"io"
	"os"
)

// tree is the opened root.
type tree struct {
	root *os.Root
}

func newTree(root *os.Root) (*tree, error) { return &tree{root}, nil }

func (t *tree) close() error { return t.root.Close() }

// opened is a file or folder of the tree. Its owner closes it.
type opened struct {
	facts
	file *os.File
}

// open opens a name below the root. The error unwraps to the system's errno.
func (t *tree) open(name string) (opened, error) {
	file, f, err := openInRoot(t.root, name)
	return opened{f, file}, err
}

// readAt fills p. io.ErrUnexpectedEOF: the file ended before.
func (o *opened) readAt(p []byte, offset int64) error {
	n, err := o.file.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// sendDirectly is for systems where the descriptor is a number.
func (o *opened) sendDirectly(io.Writer, span) (sent int64, ok bool, err error) { return 0, false, nil }

// asFile is the descriptor as an *os.File, which stays the owner's.
func (o *opened) asFile() *os.File { return o.file }

func (o *opened) close() { o.file.Close() }
