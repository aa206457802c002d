package genkantest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// desk stands before the test's handler and knows who is inside.
type desk struct {
	handler http.Handler // nil: http.DefaultServeMux

	mu     sync.Mutex
	visits map[*visit]struct{}
}

// visit is one request, as it came: handlers may change theirs.
type visit struct {
	method, target, remote string
	began                  time.Time
}

// ServeHTTP hands on what it was given, nothing wrapped: what the handler can
// do with its ResponseWriter is what the server's own can.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{r.Method, r.RequestURI, r.RemoteAddr, time.Now()}
	d.mu.Lock()
	d.visits[v] = struct{}{}
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.visits, v)
		d.mu.Unlock()
	}()
	handler := d.handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	handler.ServeHTTP(w, r)
}

// now is who is inside, who came first first.
func (d *desk) now() []*visit {
	d.mu.Lock()
	defer d.mu.Unlock()
	visits := make([]*visit, 0, len(d.visits))
	for v := range d.visits {
		visits = append(visits, v)
	}
	slices.SortFunc(visits, func(a, b *visit) int { return a.began.Compare(b.began) })
	return visits
}
