package loop

import "sync/atomic"

// learned remembers which requests blocked, as a branch predictor remembers
// which branches were taken: a small table of counters, indexed by a hash that
// the code chooses. Two kinds of requests that share a slot share its fate,
// which costs a hand-over more or less and is never wrong.
type learned struct {
	slots [4096]atomic.Uint32 // high bits: the hash, low byte: the counter
}

const (
	blockedOnce = 8  // this many quick ones in a row make one that blocked forgotten
	blockedMost = 24 // and at most this many
)

// get is the counter for key, and whether anything is known of it.
func (t *learned) get(key uint32) (count uint32, known bool) {
	v := t.slots[key%uint32(len(t.slots))].Load()
	if v>>8 != key>>8 || v == 0 {
		return 0, false
	}
	return v & 0x7f, true
}

// set is not atomic with get: a count that gets lost is a count.
func (t *learned) set(key, count uint32) {
	t.slots[key%uint32(len(t.slots))].Store(key&^0xff | count | 0x80)
}

// Blocks says whether requests of this key are likely to block: then the
// baton is passed before the handler. known: the key was seen before. It is
// asked just before the handler runs, and if that may keep a processor, sees
// to it that the others get one.
func (r *Runner) Blocks(key uint32) (likely, known bool) {
	n, known := r.group.learned.get(key)
	switch {
	case !known:
		r.wakeMonitor()
		wakeProcessor()
	case n > 0:
		r.wakeMonitor() // another processor is woken by giving the baton away
	}
	return n > 0, known
}

// wakeMonitor wakes the runtime's monitor if it may be asleep. It falls asleep
// only when all processors are idle at once, and while this loop goes on without
// a rest its own is not.
func (r *Runner) wakeMonitor() {
	if r.holds {
		if !r.loop.rested {
			return
		}
		r.loop.rested = false
	}
	wakeMonitor()
}

// Learn records how one of them went.
func (g *Group) Learn(key uint32, blocked bool) {
	n, known := g.learned.get(key)
	switch {
	case blocked:
		g.learned.set(key, min(n+blockedOnce, blockedMost))
	case n > 0:
		g.learned.set(key, n-1)
	case !known:
		g.learned.set(key, 0)
	}
}
