//go:build unix

package files

import (
	"io/fs"
	"syscall"
)

// inodeOf is the number by which the file system knows the file.
func inodeOf(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino)
	}
	return 0
}
