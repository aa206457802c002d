package socket_test

import (
	"errors"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/socket"
)

// asking is the real kernel, which looks at each bind and listen whether the
// folder is locked.
type asking struct {
	socket.Kernel
	t      *testing.T
	folder string
	asked  int
}

func (k *asking) Unwrap() socket.Kernel { return k.Kernel }

func (k *asking) Bind(fd socket.FD, addr socket.Addr) error {
	k.ask("bind")
	return k.Kernel.Bind(fd, addr)
}

func (k *asking) Listen(fd socket.FD, backlog int) error {
	k.ask("listen")
	return k.Kernel.Listen(fd, backlog)
}

func (k *asking) ask(call string) {
	k.asked++
	if err := k.flock(); !errors.Is(err, unix.EAGAIN) {
		k.t.Errorf("at %s the folder's lock could be had (%v): two servers could rob each other of the path", call, err)
	}
}

func (k *asking) flock() error {
	fd, err := unix.Open(k.folder, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	defer unix.Close(fd)
	return unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
}

func TestOpenLocksTheFolder(t *testing.T) {
	k := &asking{Kernel: socket.OS, t: t, folder: t.TempDir()}
	fd, _, err := socket.Open(k, socket.Endpoint{Addr: socket.Unix(filepath.Join(k.folder, "x.sock"))}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close(fd)
	if k.asked != 2 {
		t.Errorf("asked %d times, want at bind and at listen", k.asked)
	}
	if err := k.flock(); err != nil {
		t.Errorf("after Open the folder is still locked: %v", err)
	}
}
