//go:build unix && !linux

package files

import "syscall"

// dontWait keeps open(2) from waiting for the other end of a fifo, and a
// terminal from becoming ours.
const dontWait = syscall.O_NONBLOCK | syscall.O_NOCTTY
