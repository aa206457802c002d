package socket_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/socket"
)

func closeOnExec(t *testing.T, fd socket.FD) bool {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil {
		t.Fatal(err)
	}
	return flags&unix.FD_CLOEXEC != 0
}
