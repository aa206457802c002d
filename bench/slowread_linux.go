package main

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// blockInRead blocks its thread in read(2) on a pipe, which the runtime's
// poller does not know, until somebody writes a byte after d.
func blockInRead(d time.Duration) error {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("pipe2: %w", err)
	}
	defer unix.Close(pipe[0])
	time.AfterFunc(d, func() {
		unix.Write(pipe[1], []byte{'.'})
		unix.Close(pipe[1])
	})
	for {
		_, err := unix.Read(pipe[0], make([]byte, 1))
		if err == unix.EINTR { // the runtime's signals to preempt
			continue
		}
		return err
	}
}
