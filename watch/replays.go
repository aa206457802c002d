package watch

import (
	"net/http"
	"slices"
	"sync"
)

// replays are the answers to the last requests that were sent again, so that
// the page can ask for their secrets later, as it can for those of exchanges.
type replays struct {
	mu   sync.Mutex
	last uint64
	list []came // oldest first
	held int    // bytes
}

const (
	replaysMost  = 100      // answers
	replaysBytes = 16 << 20 // of all of them; the newest stays, whatever it has
)

// keep gives a result its number.
func (r *replays) keep(result came) *came {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	result.Replay = r.last
	r.list = append(r.list, result)
	r.held += len(result.Received)
	n := 0
	for len(r.list)-n > replaysMost || r.held > replaysBytes && n < len(r.list)-1 {
		r.held -= len(r.list[n].Received)
		n++
	}
	r.list = slices.Delete(r.list, 0, n)
	return &result
}

func (r *replays) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list, r.held = nil, 0
}

func (r *replays) find(id uint64) *came {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.list {
		if r.list[i].Replay == id {
			found := r.list[i]
			return &found
		}
	}
	return nil
}

// shown is the result with its secrets, or with stars in their place.
func (result *came) shown(secrets bool) *came {
	one := *result
	if secrets {
		one.Hidden = [][2]int64{}
		return &one
	}
	if len(one.Hidden) > 0 {
		one.Received = slices.Clone(one.Received)
	}
	for _, h := range one.Hidden {
		for i := h[0]; i < h[1]; i++ {
			one.Received[i] = '*'
		}
	}
	return &one
}

// replayed is what came back earlier.
func (l *Live) replayed(w http.ResponseWriter, r *http.Request) {
	id, ok := idOf(w, r)
	if !ok {
		return
	}
	result := l.replays.find(id)
	if result == nil {
		refuse(w, http.StatusNotFound, "What came back is not kept any more: newer answers took its place, or the list was cleared.")
		return
	}
	answer(w, result.shown(secrets(r)))
}
