package loop

import "sync"

// idle holds runners without work, so that passing the baton seldom has to
// make a goroutine: a new one's stack is small, and is copied twice or three
// times until it has grown to what handlers need. The last one parked is the
// first one used.
//
// A thousand handlers that wait at the same time leave a thousand runners. Those
// that nobody needs any more are ended by sweep, as long as there is work, and by
// trim when there is none.
type idle struct {
	mu     sync.Mutex
	parked []*Runner
	least  int // how few were parked at any time since the last sweep
	most   int // parked
	few    int // parked while there is no work
	quiet  bool
	closed bool
}

const (
	idleMost = 1024 // of each loop; a stack that has served takes 8 KiB and more
	idleFew  = 2    // of each loop
)

// park puts r among those without work. False: there are enough, end.
func (i *idle) park(r *Runner) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	most := i.most
	if i.quiet {
		most = i.few
	}
	if i.closed || len(i.parked) >= most {
		return false
	}
	i.parked = append(i.parked, r)
	return true
}

func (i *idle) pop() *Runner {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.quiet = false
	last := len(i.parked) - 1
	if last < 0 {
		i.least = 0
		return nil
	}
	r := i.parked[last]
	i.parked[last] = nil
	i.parked = i.parked[:last]
	i.least = min(i.least, last)
	return r
}

// sweep ends the runners that have not been needed since the last sweep.
func (i *idle) sweep() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.end(min(i.least, len(i.parked)-i.few))
	i.least = len(i.parked)
}

// trim ends all but a few: a quiet server keeps no more stacks than it needs for
// the next requests that block.
func (i *idle) trim() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.quiet = true
	i.end(len(i.parked) - i.few)
}

// end ends n of them, those that were parked first. i.mu is held.
func (i *idle) end(n int) {
	if n <= 0 {
		return
	}
	for _, r := range i.parked[:n] {
		close(r.work)
	}
	i.parked = append([]*Runner(nil), i.parked[n:]...)
}

// close ends all of them, and each that parks later.
func (i *idle) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	i.end(len(i.parked))
}
