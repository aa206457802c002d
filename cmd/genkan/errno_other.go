//go:build !windows

package main

import "syscall"

// The refusals that a program can do something about.
var (
	refusalsTaken    = []error{syscall.EADDRINUSE}
	refusalsNoFamily = []error{syscall.EAFNOSUPPORT, syscall.EADDRNOTAVAIL, syscall.EPROTONOSUPPORT}
	refusalsDenied   = []error{syscall.EACCES, syscall.EPERM}
)
