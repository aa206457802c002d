package loop

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// readyMax is how many answers one look at the poller fetches.
const readyMax = 256

// Loop is one poller and what rests on it. A group has as many as there are
// processors to use.
type Loop struct {
	group  *Group
	kernel socket.Kernel
	poller Poller
	baton  baton
	conns  atomic.Int64

	mu     sync.Mutex // timers, and the closing of descriptors
	timers timers

	// The baton's: for its holder alone.
	ready [readyMax]Ready
	next  int     // in ready
	n     int     // filled in ready
	again []*Conn // owned by the loop, waiting for another turn
	turns int     // of again, to be given before the next look
	now   time.Time
}

// outside is a turn of Expired on the caller's goroutine, who has just come to
// own c.
func (l *Loop) outside(c *Conn) {
	r := &Runner{group: l.group, loop: l}
	r.run(c, Code.Expired)
}
