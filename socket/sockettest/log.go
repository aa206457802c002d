package sockettest

import (
	"fmt"
	"slices"

	"github.com/genkan-http/genkan/socket"
)

// Call is one call that was made, and what came of it.
type Call struct {
	Name   string    // the method's name in lower case: "recv"
	FD     socket.FD // what it was about; for socket and accept the new one, if there is one
	N      int       // bytes transferred, or the option's value
	Err    error
	Detail string // an address, an option, a direction; or ""
}

// String is "recv(1003) = 5", or "send(1003) = -1 nothing now: …".
func (c Call) String() string {
	what := fmt.Sprint(int(c.FD))
	if c.Detail != "" {
		what += ", " + c.Detail
	}
	if c.Err != nil {
		return fmt.Sprintf("%s(%s) = -1 %v", c.Name, what, c.Err)
	}
	return fmt.Sprintf("%s(%s) = %d", c.Name, what, c.N)
}

// logMax bounds the log; the older half goes.
const logMax = 1 << 16

// Log is the calls that have returned, in this order; the latest ones, if they
// are many. A client's ([Conn]) are not among them.
func (k *Kernel) Log() []Call {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.log)
}

// Calls is how often a method was called; "" is all of them together.
func (k *Kernel) Calls(name string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.calls[name]
}

func (k *Kernel) note(name string, fd socket.FD, n int, err error, detail string) {
	if len(k.log) >= logMax {
		k.log = append(k.log[:0], k.log[logMax/2:]...)
	}
	k.log = append(k.log, Call{name, fd, n, err, detail})
}
