package main

import (
	"fmt"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/genkan-http/genkan/socket"
)

// sandbox takes from this process, for good, what serving a folder does not
// need (landlock(7), and no_new_privs of prctl(2)): from here on it reads that
// folder and no other file, writes none, and runs nothing that gains rights.
// UNIX sockets among places can be taken away again at the end. Without
// connects it makes no TCP connections, and listens at no further port.
//
// kept is what this kernel can do of that, in words; empty: nothing.
func sandbox(dir string, places []place, connects bool) (kept string, err error) {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		return "", nil // an older kernel, or one without it: serving goes on
	}
	rules := []landlock.Rule{landlock.RODirs(dir)}
	for _, p := range places {
		if p.addr.Family == socket.UNIX && !p.addr.Abstract() && !p.inherited() {
			// Whoever removes the path reads and locks its folder first.
			rules = append(rules, landlock.PathAccess(ll.AccessFSRemoveFile|ll.AccessFSReadDir, filepath.Dir(p.addr.Path)))
		}
	}
	config := landlock.V5.BestEffort()
	if err := config.RestrictPaths(rules...); err != nil {
		return "", fmt.Errorf("landlock: %w", err)
	}
	kept = "reads this folder and no other file, and writes none"
	if connects || abi < 4 {
		return kept, nil
	}
	if err := config.RestrictNet(); err != nil {
		return "", fmt.Errorf("landlock: %w", err)
	}
	return kept + "; it connects to nobody", nil
}
