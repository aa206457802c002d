package record

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Listener is told of what changes. It holds about one line for each exchange
// and connection that is kept and has changed since it looked last, so one that
// is slow gets less often what is newer, and one that never looks holds nobody
// up, nor more than the store does.
type Listener struct {
	store *Store
	wake  chan struct{}

	mu      sync.Mutex
	changed map[uint64]struct{} // exchanges
	order   []uint64
	conns   map[uint64]Conn
	status  bool
	cleared bool
}

// News is what has changed since the last time.
type News struct {
	Cleared   bool
	Exchanges []Summary // as they are now, in the order of their ids' first change
	Conns     []Conn
	Status    *Status
}

// Listen begins with everything that is kept. The caller closes it.
func (s *Store) Listen() *Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &Listener{store: s, wake: make(chan struct{}, 1), status: true}
	l.forget()
	for _, x := range s.exchanges {
		l.add(x.ID)
	}
	for _, c := range s.conns {
		l.conns[c.number] = c.line()
	}
	s.listeners[l] = struct{}{}
	l.rouse()
	return l
}

// Close ends it.
func (l *Listener) Close() {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	delete(l.store.listeners, l)
}

// Next waits for something to have changed, and gives at most most exchanges
// of it; what is left comes with the next call. The error is the context's.
func (l *Listener) Next(ctx context.Context, most int) (News, error) {
	for {
		if news, some := l.take(most); some {
			return news, nil
		}
		select {
		case <-ctx.Done():
			return News{}, ctx.Err()
		case <-l.wake:
		}
	}
}

func (l *Listener) take(most int) (news News, some bool) {
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	news.Cleared, l.cleared = l.cleared, false
	n := min(most, len(l.order))
	for _, id := range l.order[:n] {
		delete(l.changed, id)
		if x := l.store.find(id); x != nil {
			news.Exchanges = append(news.Exchanges, x.Summary)
		}
	}
	l.order = append([]uint64(nil), l.order[n:]...)
	for _, line := range l.conns {
		news.Conns = append(news.Conns, line)
	}
	clear(l.conns)
	if l.status {
		now := l.store.status()
		news.Status, l.status = &now, false
	}
	if len(l.order) > 0 {
		l.rouse()
	}
	return news, news.Cleared || n > 0 || len(news.Conns) > 0 || news.Status != nil
}

func (l *Listener) forget() {
	l.changed, l.order, l.conns = map[uint64]struct{}{}, nil, map[uint64]Conn{}
}

func (l *Listener) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	l.cleared = true
	l.rouse()
}

func (l *Listener) add(id uint64) {
	if _, there := l.changed[id]; there {
		return
	}
	l.changed[id] = struct{}{}
	l.order = append(l.order, id)
	if len(l.order) > 2*len(l.store.exchanges)+spareLines {
		l.order = slices.DeleteFunc(l.order, func(id uint64) bool {
			gone := l.store.find(id) == nil
			if gone {
				delete(l.changed, id)
			}
			return gone
		})
	}
}

func (l *Listener) addConn(c *connection) {
	l.conns[c.number] = c.line()
	if len(l.conns) > 2*len(l.store.conns)+spareLines {
		maps.DeleteFunc(l.conns, func(number uint64, _ Conn) bool { return l.store.conns[number] == nil })
	}
}

// spareLines is how many lines of what is not kept any more a listener may hold
// before it looks for them, beside as many as are kept.
const spareLines = 1000

func (l *Listener) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// tell, tellConn and tellStatus note a change for all who listen. s.mu is held.
func (s *Store) tell(x *exchange) {
	if x.gone {
		return
	}
	for l := range s.listeners {
		l.mu.Lock()
		l.add(x.ID)
		l.status = true // how much is held has changed as well
		l.mu.Unlock()
		l.rouse()
	}
}

func (s *Store) tellConn(c *connection) {
	for l := range s.listeners {
		l.mu.Lock()
		l.addConn(c)
		l.mu.Unlock()
		l.rouse()
	}
}

func (s *Store) tellStatus() {
	for l := range s.listeners {
		l.mu.Lock()
		l.status = true
		l.mu.Unlock()
		l.rouse()
	}
}
