package loop

import (
	"sync"
	"sync/atomic"
)

// table finds a connection by its poller key: descriptor and generation. A
// descriptor's number is used again as soon as it is closed, while an answer
// about its predecessor may still stand in a ready list; the generation tells
// them apart. Looking up takes no lock.
type table struct {
	mu    sync.Mutex // growing
	pages atomic.Pointer[[]*page]
}

const pageSize = 512

type page [pageSize]atomic.Pointer[Conn]

// listenerKey marks the keys of listeners.
const listenerKey = uint64(1) << 63

func (t *table) get(key uint64) *Conn {
	if slot := t.slot(int(uint32(key)), false); slot != nil {
		if c := slot.Load(); c != nil && c.key() == key {
			return c
		}
	}
	return nil
}

func (t *table) put(c *Conn) { t.slot(int(c.fd), true).Store(c) }

func (t *table) remove(c *Conn) { t.slot(int(c.fd), true).CompareAndSwap(c, nil) }

func (t *table) each(f func(*Conn) bool) {
	pages := t.pages.Load()
	if pages == nil {
		return
	}
	for _, p := range *pages {
		for i := range p {
			if c := p[i].Load(); c != nil && !f(c) {
				return
			}
		}
	}
}

func (t *table) slot(fd int, grow bool) *atomic.Pointer[Conn] {
	n := fd / pageSize
	if pages := t.pages.Load(); pages != nil && n < len(*pages) {
		return &(*pages)[n][fd%pageSize]
	}
	if !grow {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var now []*page
	if pages := t.pages.Load(); pages != nil {
		now = append(now, *pages...)
	}
	for len(now) <= n {
		now = append(now, new(page))
	}
	t.pages.Store(&now)
	return &now[n][fd%pageSize]
}
