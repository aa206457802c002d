package main

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
)

// underway knows the requests that a handler has not finished with, so that
// stopping can say for whom it waits and what it cuts. The zero value is ready.
type underway struct {
	mu      sync.Mutex
	entries map[*http.Request]entry
}

func (u *underway) begin(r *http.Request, line entry) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.entries == nil {
		u.entries = map[*http.Request]entry{}
	}
	u.entries[r] = line
}

func (u *underway) end(r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.entries, r)
}

// list is what is under way now, the oldest first.
func (u *underway) list() []entry {
	u.mu.Lock()
	defer u.mu.Unlock()
	var entries []entry
	for _, line := range u.entries {
		entries = append(entries, line)
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Target, b.Target))
	})
	return entries
}
