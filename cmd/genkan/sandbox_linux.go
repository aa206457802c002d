package main

import (
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// sandbox takes from this process, for good, what serving a folder does not
// need (landlock(7), and no_new_privs of prctl(2)): from here on it reads that
// folder and no other file, writes and removes none, and runs no program, not
// even one of that folder's. Without connects it makes no TCP connections, and
// listens at no further port.
//
// It cannot remove the path of a UNIX socket either: Landlock has a right to
// remove what is in a folder and below, and none for a single file.
//
// kept is what this kernel can do of that, in words; empty: nothing.
func sandbox(dir string, connects bool) (kept string, err error) {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		return "", nil // an older kernel, or one without it: serving goes on
	}
	config := landlock.V5.BestEffort()
	if err := config.RestrictPaths(landlock.PathAccess(ll.AccessFSReadFile|ll.AccessFSReadDir, dir)); err != nil {
		return "", fmt.Errorf("landlock: %w", err)
	}
	kept = "reads this folder and no other file, writes none, and runs none"
	if connects || abi < 4 {
		return kept, nil
	}
	if err := config.RestrictNet(); err != nil {
		return "", fmt.Errorf("landlock: %w", err)
	}
	return kept + "; it connects to nobody", nil
}
