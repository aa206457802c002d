// Package record makes exchanges of a trace's events: who asked for what, which
// bytes of the wire belong to it, in which calls they came and went, and what
// became of it. It holds the newest of them, within bounds.
//
//	event ─ Store.Add ─ its connection ─ divided among exchanges   divide.go
//	                                   └ told to who listens       listen.go
//	Detail ─ chunks, messages, pieces                              detail.go, message.go
//
// A connection's bytes are two streams. A Parse event says where in the one a
// request begins, a Respond event where in the other its answer does; what lies
// between two beginnings is the first one's, however many calls moved it, and
// however many requests one call brought.
//
// Over TLS the calls move ciphertext: there the bytes are those of the Decrypt
// and Encrypt events, and the calls are shown without bytes.
package record

import (
	"strconv"
	"sync"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/trace"
)

// Options bound what a [Store] holds. The zero value is the default.
type Options struct {
	// Exchanges is how many are kept; 0: 100,000.
	Exchanges int

	// Bytes is how much memory they take, about, with the bytes of the wire and
	// the events; 0: 64 MiB. The oldest go first.
	Bytes int64

	// StreamBytes is how many bytes of one exchange are kept in each direction;
	// 0: 1 MiB. What goes beyond is counted, and said to be missing.
	StreamBytes int64

	// Secret says whether the value of a field of that name, in any case, is
	// hidden. nil: none is.
	Secret func(name string) bool

	// HTTP2 says which ranges of one side of an HTTP/2 connection are hidden,
	// counted from the first byte of wire; begins: that is the side's first. nil:
	// all is, for only who reads frames can tell.
	HTTP2 func(wire []byte, begins bool) [][2]int64
}

const (
	defaultExchanges   = 100_000
	defaultBytes       = 64 << 20
	defaultStreamBytes = 1 << 20

	exchangeCost = 1 << 10 // beside its bytes and events
	eventCost    = 320     // beside its texts
	eventsMost   = 2000    // of one exchange; what goes beyond is counted
	waitingMost  = 100     // calls of a request whose head is not whole
)

// Store holds exchanges. It is safe for concurrent use.
type Store struct {
	o Options

	mu        sync.Mutex
	exchanges []*exchange // by id, ascending, without gaps but those of dropped ones at the front
	nextID    uint64
	conns     map[uint64]*connection
	locals    map[string]string // addresses of listening sockets, by descriptor
	held      int64
	lost      uint64 // events that the ring had to drop
	dropped   uint64 // exchanges that made room
	listeners map[*Listener]struct{}
}

// New makes a store.
func New(o Options) *Store {
	if o.Exchanges <= 0 {
		o.Exchanges = defaultExchanges
	}
	if o.Bytes <= 0 {
		o.Bytes = defaultBytes
	}
	if o.StreamBytes <= 0 {
		o.StreamBytes = defaultStreamBytes
	}
	if o.Secret == nil {
		o.Secret = func(string) bool { return false }
	}
	if o.HTTP2 == nil {
		o.HTTP2 = func(wire []byte, _ bool) [][2]int64 { return [][2]int64{{0, int64(len(wire))}} }
	}
	return &Store{o: o, nextID: 1, conns: map[uint64]*connection{}, locals: map[string]string{}, listeners: map[*Listener]struct{}{}}
}

// Add takes one event in. Events of one connection come in their order.
func (s *Store) Add(e trace.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Conn == 0 { // a listening socket's
		if e.Verb == trace.Getsockname && e.Err == nil {
			s.locals[strconv.Itoa(int(e.FD))] = e.Result
		}
		return
	}
	c := s.conns[e.Conn]
	if c == nil {
		if closed(&e) && e.Note != http1.HandedToHTTP2.String() {
			return // the call after the last word, of a connection that is forgotten
		}
		c = &connection{number: e.Conn, opened: e.Time}
		s.conns[e.Conn] = c
	}
	s.take(c, &e)
	s.trim()
}

// Lost says that n events are missing before the next one.
func (s *Store) Lost(n uint64) {
	if n == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost += n
	s.tellStatus()
}

// Clear forgets all exchanges. Those that are not over begin to be kept again
// with what comes.
func (s *Store) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges, s.held, s.lost, s.dropped = nil, 0, 0, 0
	for number, c := range s.conns {
		c.current, c.exchanges, c.waiting, c.pendingIn = nil, nil, nil, nil
		if c.over() {
			delete(s.conns, number)
		}
	}
	for l := range s.listeners {
		l.clear()
	}
	s.tellStatus()
}

// Mark sets or takes away the mark of an exchange; false: it is not kept.
func (s *Store) Mark(id uint64, marked bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil {
		return false
	}
	x.Marked = marked
	s.tell(x)
	return true
}

// find is the exchange with this id; nil if it is not kept.
func (s *Store) find(id uint64) *exchange {
	if len(s.exchanges) == 0 || id < s.exchanges[0].ID {
		return nil
	}
	if at := id - s.exchanges[0].ID; at < uint64(len(s.exchanges)) {
		return s.exchanges[at]
	}
	return nil
}

// begin makes an exchange of a connection.
func (s *Store) begin(c *connection, at time.Time) *exchange {
	c.requests++
	x := &exchange{conn: c, Summary: Summary{ID: s.nextID, Conn: c.number, Nth: c.requests, Time: at, State: Open, TLS: c.sealed}}
	s.nextID++
	s.exchanges = append(s.exchanges, x)
	c.exchanges = append(c.exchanges, x)
	s.charge(x, exchangeCost)
	return x
}

// charge counts what an exchange holds.
func (s *Store) charge(x *exchange, n int64) {
	if x.gone {
		return
	}
	x.cost += n
	s.held += n
}

// trim drops the oldest exchanges until the bounds are kept. The newest stays,
// whatever it holds: its streams are bounded.
func (s *Store) trim() {
	before := s.dropped
	n := 0
	for n < len(s.exchanges)-1 && (len(s.exchanges)-n > s.o.Exchanges || s.held > s.o.Bytes) {
		x := s.exchanges[n]
		x.gone = true
		s.held -= x.cost
		s.dropped++
		x.conn.drop(x)
		if x.conn.over() {
			delete(s.conns, x.conn.number)
		}
		s.exchanges[n] = nil
		n++
	}
	if n > 0 {
		s.exchanges = s.exchanges[n:]
	}
	if s.dropped != before {
		s.tellStatus()
	}
}

// Status is how full the store is, and what is missing.
type Status struct {
	Lost    uint64 `json:"lost"`    // events that came faster than they were taken
	Dropped uint64 `json:"dropped"` // exchanges that made room for newer ones
	Kept    int    `json:"kept"`    // exchanges
	Bytes   int64  `json:"bytes"`   // that they take, about
	Limit   int64  `json:"limit"`   // of Bytes
}

func (s *Store) status() Status {
	return Status{s.lost, s.dropped, len(s.exchanges), s.held, s.o.Bytes}
}

// Status is the store's of now.
func (s *Store) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status()
}
