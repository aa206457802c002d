package socket

// OS is the kernel of this machine. It repeats a call that a signal
// interrupted, so it never returns EINTR, except from Close, which is not
// repeated.
//
// It is there on Linux, macOS and the BSDs. On other systems every method
// returns an *Error that unwraps to errors.ErrUnsupported.
var OS Kernel = system{}

// system is OS. Its methods stand in the files named after them; what they ask
// of the kernel, per system, in calls_linux.go and calls_bsd.go.
type system struct{}
