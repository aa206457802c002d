package main

import (
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// slowKind is one way for a handler to be slow.
type slowKind struct {
	name string
	what string
	wait func() error
	rate float64 // requests per second
	ends bool    // the handler returns
}

// held is how long a slow handler blocks, and how much CPU time the one that
// computes uses. Computing is asked for less often, so that the server's one
// core is never full.
const held = 30 * time.Millisecond

var slowKinds = []*slowKind{
	{"sleep", "time.Sleep, 30 ms", sleep, 20, true},
	{"mutex", "a sync.Mutex that another goroutine holds for 30 ms", blockOnMutex, 20, true},
	{"channel", "a channel to which somebody sends after 30 ms", blockOnChannel, 20, true},
	{"cpu", "a loop that computes for 30 ms of wall-clock time, never yielding", compute, 5, true},
	{"syscall", "a blocking read(2) of a pipe into which somebody writes after 30 ms; no cgo", func() error { return blockInRead(held) }, 20, true},
	{"forever", "a handler that never returns", blockForever, 20, false},
}

func findSlow(name string) *slowKind {
	for _, k := range slowKinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// slowly is GET /slow/KIND/NAME. The name changes nothing: it is there to make
// a path that the server has never seen.
func slowly(w http.ResponseWriter, r *http.Request) {
	k := findSlow(r.PathValue("kind"))
	if k == nil {
		http.NotFound(w, r)
		return
	}
	if err := k.wait(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	plain(w, r)
}

func sleep() error {
	time.Sleep(held)
	return nil
}

func blockOnMutex() error {
	var mu sync.Mutex
	mu.Lock()
	time.AfterFunc(held, mu.Unlock)
	mu.Lock()
	return nil
}

func blockOnChannel() error {
	c := make(chan struct{})
	time.AfterFunc(held, func() { c <- struct{}{} })
	<-c
	return nil
}

// computed keeps the compiler from dropping the loop.
var computed atomic.Uint64

func compute() error {
	n := uint64(1)
	for end := time.Now().Add(held); time.Now().Before(end); {
		for range 1000 {
			n = n*6364136223846793005 + 1442695040888963407
		}
	}
	computed.Store(n)
	return nil
}

func blockForever() error {
	c := make(chan struct{})
	<-c
	runtime.KeepAlive(c)
	return fmt.Errorf("nobody sends")
}

// shortNap is long enough for a route to count as slow, and short enough for
// its requests not to pile up.
const shortNap = time.Millisecond

// sometimesSlowly is a route whose requests are quick unless asked to nap.
// What is learned is learned by path, without the query.
func sometimesSlowly(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery == "nap" {
		time.Sleep(shortNap)
	}
	plain(w, r)
}
