package trace

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Tap is a [socket.Kernel] around another one: it hands every call on
// unchanged and reports it when it has returned. It numbers the connections,
// from Accept (or Connect) to Close, and counts the bytes of each, so that
// whoever reports what the bytes meant can say which ones.
//
// A Tap is safe for concurrent use, as far as the kernel around which it
// stands is. The offsets of one connection are right as long as no two of its
// Recvs, and no two of its Sends, run at the same time: it has one owner.
type Tap struct {
	kernel socket.Kernel
	emit   func(Event)
	bytes  int

	conns atomic.Uint64 // the number given last

	mu    sync.RWMutex
	flows map[socket.FD]*flow
}

// flow is what is known of one connection.
type flow struct {
	conn           uint64
	received, sent atomic.Int64
}

// NewTap wraps k. emit is called once for each call, on the goroutine that
// made it, after it returned: [Ring.Emit], or a function that prints. bytes is
// how many bytes of each Recv and Send are copied into the event; 0: none.
func NewTap(k socket.Kernel, emit func(Event), bytes int) *Tap {
	return &Tap{kernel: k, emit: emit, bytes: bytes, flows: make(map[socket.FD]*flow)}
}

// ConnOf is the number of the connection that fd is; 0 if it is none, or has
// been closed.
func (t *Tap) ConnOf(fd socket.FD) uint64 {
	if f := t.flow(fd); f != nil {
		return f.conn
	}
	return 0
}

// Offsets is how many bytes the connection has received and sent so far; 0, 0
// if fd is none.
func (t *Tap) Offsets(fd socket.FD) (received, sent int64) {
	if f := t.flow(fd); f != nil {
		return f.received.Load(), f.sent.Load()
	}
	return 0, 0
}

// Unwrap is the kernel behind the tap. Package socket looks through it for what
// is no system call on a socket: the files of UNIX paths.
func (t *Tap) Unwrap() socket.Kernel { return t.kernel }

func (t *Tap) flow(fd socket.FD) *flow {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.flows[fd]
}

// meet gives fd the next number, and forgets what had this descriptor before:
// somebody closed that behind the tap's back.
func (t *Tap) meet(fd socket.FD) {
	f := &flow{conn: t.conns.Add(1)}
	t.mu.Lock()
	t.flows[fd] = f
	t.mu.Unlock()
}

// forget returns what fd was. It comes before the kernel's close: afterwards
// the number may already be somebody else's, who must not be forgotten.
func (t *Tap) forget(fd socket.FD) *flow {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.flows[fd]
	delete(t.flows, fd)
	return f
}

// report emits one call, and fills in what all calls have in common.
func (t *Tap) report(e Event, err error) {
	e.Took = time.Since(e.Time)
	if err != nil {
		e.Result = errorText(e.Verb, err)
		if err != socket.ErrAgain {
			e.Err = err
		}
	}
	t.emit(e)
}

// begin is the event of a call on fd, about to be made.
func (t *Tap) begin(v Verb, fd socket.FD, args string) Event {
	return Event{Time: time.Now(), Verb: v, FD: fd, Conn: t.ConnOf(fd), Args: args}
}
