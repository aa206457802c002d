//go:build unix

package genkan

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/loop"
)

// TestNoDescriptors: the same with a real kernel, and a process that has opened
// all that it may.
func TestNoDescriptors(t *testing.T) {
	for _, s := range []stage{stageTCP, stageDirect} {
		t.Run(s.name, func(t *testing.T) {
			if s.name == stageTCP.name && !loop.Supported {
				t.Skip("there is no loop here")
			}
			h := serve(t, s, at, func(srv *Server) { srv.MaxConns = -1 })
			old := h.visit()
			old.wantHello()
			release := takeDescriptors(t, 1)
			late := h.visit() // takes the last
			until(t, "the log says that accepting pauses", func() bool { return strings.Contains(h.log.String(), "accepting pauses") })
			if !strings.Contains(h.log.String(), unix.EMFILE.Error()) {
				t.Errorf("the log does not say why: %s", h.log)
			}
			old.wantHello()
			release()
			late.wantHello()
			old.wantHello()
		})
	}
}

// takeDescriptors opens all descriptors that this process may have, but for a
// few, after it has taken most of that right away. release undoes it.
func takeDescriptors(t *testing.T, few int) (release func()) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	lower := limit
	lower.Cur = min(lower.Cur, 512)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lower); err != nil {
		t.Fatal(err)
	}
	var taken []int
	released := false
	release = func() {
		if released {
			return
		}
		released = true
		for _, fd := range taken {
			unix.Close(fd)
		}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(release)
	for {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.EMFILE) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, fd)
	}
	for range few {
		unix.Close(taken[len(taken)-1])
		taken = taken[:len(taken)-1]
	}
	return release
}
