package files

import (
	"io/fs"
	"syscall"
	"time"
)

// changedAt is when the inode changed last, by writing, renaming or permissions.
func changedAt(info fs.FileInfo) time.Time {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(st.Ctimespec.Unix())
	}
	return time.Time{}
}
