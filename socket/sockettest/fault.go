package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Fault is a call that shall go wrong. It happens once, unless N is 0.
//
// The kernel stays consistent with what it said: after ECONNRESET or EPIPE the
// connection is broken for its peer as well, ECONNABORTED drops the first
// connection in the queue, a faulty close still closes, and after EAGAIN a
// [Poller] reports the descriptor anew.
type Fault struct {
	Call string        // the method's name in lower case, "send"; "" is any
	N    int           // the n-th such call, from 1, counted from New on; 0 is every one
	FD   socket.FD     // only if it is about this descriptor; 0 is any. (N counts calls about others too.)
	Err  syscall.Errno // what the call returns; 0: see Short
	// Short is how many bytes at most a recv, send, recvfrom or sendfile
	// transfers, where Err is 0.
	Short int
}

// Fault adds a fault to those that are to come. If several fit a call, the
// first one added happens.
func (k *Kernel) Fault(f Fault) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, &f)
}

// ClearFaults forgets the faults that have not happened.
func (k *Kernel) ClearFaults() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = nil
}

// fault counts a call, and finds and uses up the fault that it shall have.
func (k *Kernel) fault(call string, fd socket.FD) Fault {
	k.calls[""]++
	k.calls[call]++
	for i, f := range k.faults {
		if f.Call != "" && f.Call != call || f.FD != 0 && f.FD != fd || f.N != 0 && f.N != k.calls[f.Call] {
			continue
		}
		if f.N != 0 {
			k.faults = append(k.faults[:i:i], k.faults[i+1:]...)
		}
		return *f
	}
	return Fault{}
}

// cut is p as far as the fault lets it through.
func (f Fault) cut(p []byte) []byte {
	if f.Err == 0 && f.Short > 0 && f.Short < len(p) {
		return p[:f.Short]
	}
	return p
}

// after makes the kernel's state agree with the fault that a call on s had.
func (k *Kernel) after(s *sock, f Fault) {
	switch f.Err {
	case syscall.ECONNRESET, syscall.EPIPE:
		if s.stream != nil {
			k.reset(s.stream.peer)
			s.in, s.err, s.stream.down = nil, 0, true
		}
	case syscall.ECONNABORTED:
		if len(s.queue) > 0 {
			first := s.queue[0]
			s.queue = s.queue[1:]
			k.reset(first.stream.peer)
			k.admit(s)
		}
	case syscall.EAGAIN:
		if s.stream != nil {
			s.stream.wantsSpace = true
		}
		k.edge(s)
	}
}
