package main

import "golang.org/x/sys/windows"

// The refusals that a program can do something about, as Winsock numbers them:
// they are not the numbers that package syscall has under these names.
var (
	refusalsTaken    = []error{windows.WSAEADDRINUSE}
	refusalsNoFamily = []error{windows.WSAEAFNOSUPPORT, windows.WSAEADDRNOTAVAIL}
	refusalsDenied   = []error{windows.WSAEACCES}
)
