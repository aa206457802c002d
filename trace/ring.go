package trace

import "sync"

// Options say how much a [Ring] keeps.
type Options struct {
	// Events is how many events are kept; 0 or less: 4096.
	Events int

	// Bytes is how many bytes of the wire are kept with each event; 0 or
	// less: none.
	Bytes int

	// MemoryLimit bounds the bytes and texts that the ring holds, all events
	// together (about 200 bytes of fixed cost per event come on top); 0 or
	// less: 16 MiB. The oldest events go first. An event that is larger than
	// the limit is kept without its Data.
	MemoryLimit int
}

const (
	defaultEvents      = 4096
	defaultMemoryLimit = 16 << 20
)

// Ring keeps the newest events for any number of readers. It is safe for
// concurrent use. The nil *Ring is a ring that nobody reads.
//
// The slots are used in turn. [oldest, next) are the numbers of the events
// that are still there; event number n is in slot n % len(slots).
type Ring struct {
	bytes int
	limit int

	mu     sync.Mutex
	slots  []Event
	oldest uint64
	next   uint64 // the number of the next event, from 1
	held   int    // bytes and texts in the slots
	wake   chan struct{}
}

// NewRing makes a ring.
func NewRing(o Options) *Ring {
	if o.Events <= 0 {
		o.Events = defaultEvents
	}
	if o.MemoryLimit <= 0 {
		o.MemoryLimit = defaultMemoryLimit
	}
	return &Ring{
		bytes:  max(o.Bytes, 0),
		limit:  o.MemoryLimit,
		slots:  make([]Event, o.Events),
		oldest: 1,
		next:   1,
	}
}

// Ring is r itself: a ring is a [Watcher].
func (r *Ring) Ring() *Ring { return r }

// WantBytes is how many bytes of the wire are wanted with each event; 0: none.
func (r *Ring) WantBytes() int {
	if r == nil {
		return 0
	}
	return r.bytes
}

// Emit adds e and gives it its number. The oldest event makes room; nobody is
// waited for. e.Data belongs to the ring from now on: nobody writes to it
// again (see [Copy]).
func (r *Ring) Emit(e Event) {
	if r == nil {
		return
	}
	if len(e.Data) > r.bytes {
		// A smaller slice would keep the whole array alive and uncounted.
		e.Data = Copy(e.Data, r.bytes)
	}
	size := e.size()
	if size > r.limit {
		e.Data = nil
		size = e.size()
	}

	r.mu.Lock()
	if r.next-r.oldest == uint64(len(r.slots)) {
		r.dropOldest()
	}
	e.Seq = r.next
	r.slots[e.Seq%uint64(len(r.slots))] = e
	r.next++
	r.held += size
	for r.held > r.limit && r.oldest < r.next {
		r.dropOldest()
	}
	wake := r.wake
	r.wake = nil
	r.mu.Unlock()

	if wake != nil {
		close(wake)
	}
}

// dropOldest empties the slot too, so that what it held can be collected.
func (r *Ring) dropOldest() {
	slot := &r.slots[r.oldest%uint64(len(r.slots))]
	r.held -= slot.size()
	*slot = Event{}
	r.oldest++
}

// size is what the memory limit counts.
func (e *Event) size() int {
	return cap(e.Data) + len(e.Args) + len(e.Result) + len(e.Note)
}
