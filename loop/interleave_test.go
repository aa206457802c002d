package loop

import (
	"fmt"
	"strings"
	"testing"
)

// The protocols of the baton and of the claim are small enough to try every
// order in which their atomic steps can happen. A model is a world with the
// real words in it, and threads that take one atomic step a call; explore runs
// every schedule, skipping states that it has been in.

// thread takes one step; false: it could not (it waits), or it has ended.
type thread struct {
	name string
	pc   int       // where it is, part of the state
	mem  [2]uint64 // what it remembers, part of the state
	step func(*thread) bool
}

type world interface {
	threads() []*thread
	state() string // everything that distinguishes one state from another
	check() error  // must hold in every state
	atRest() error // must hold where no thread can go on
}

// explore tries all schedules of the world that fresh makes, and returns how
// many states there are. A schedule is replayed from the start each time,
// because the words in a world cannot be copied.
func explore(t *testing.T, fresh func() world) int {
	t.Helper()
	seen := map[string]bool{}
	var walk func(schedule []int)
	walk = func(schedule []int) {
		moved := false
		for next := range replay(fresh, schedule).threads() {
			w := replay(fresh, schedule)
			th := w.threads()[next]
			if !th.step(th) {
				continue
			}
			moved = true
			longer := append(append([]int(nil), schedule...), next)
			if err := w.check(); err != nil {
				t.Fatalf("after %s: %v", spell(fresh, longer), err)
			}
			if key := w.state(); !seen[key] {
				seen[key] = true
				walk(longer)
			}
		}
		if !moved {
			if err := replay(fresh, schedule).atRest(); err != nil {
				t.Fatalf("after %s: %v", spell(fresh, schedule), err)
			}
		}
	}
	walk(nil)
	return len(seen)
}

func replay(fresh func() world, schedule []int) world {
	w := fresh()
	for _, i := range schedule {
		th := w.threads()[i]
		th.step(th)
	}
	return w
}

func spell(fresh func() world, schedule []int) string {
	w := fresh()
	var names []string
	for _, i := range schedule {
		th := w.threads()[i]
		names = append(names, fmt.Sprintf("%s:%d", th.name, th.pc))
		th.step(th)
	}
	return strings.Join(names, " ")
}

func pcs(all []*thread) string {
	var b strings.Builder
	for _, th := range all {
		fmt.Fprint(&b, th.name, th.pc, th.mem, " ")
	}
	return b.String()
}

// batonWorld: a holder that runs handlers, some of which pass the baton, and
// the watchman who takes it. Whoever is given the baton becomes a holder.
type batonWorld struct {
	baton   baton
	all     []*thread
	leading int    // threads that may read the ready list now
	given   int    // batons given, for naming
	stays   uint64 // handlers entered
	wrong   bool
}

// The places of a holder. It leads, enters, is inside, maybe passes, leaves.
const (
	leads = iota
	isInside
	hasPassed
	retired
)

func (w *batonWorld) holder(turn, handlers uint64, passes bool) {
	w.given++
	w.leading++
	th := &thread{name: fmt.Sprint("h", w.given), mem: [2]uint64{turn, handlers}}
	th.step = func(th *thread) bool {
		turn, handlers := &th.mem[0], &th.mem[1]
		switch th.pc {
		case leads:
			if *handlers == 0 {
				return false // waits in the poller, holding the baton
			}
			*handlers--
			*turn = w.baton.enter(*turn)
			w.stays++
			w.leading-- // inside, the ready list is not its to read
			th.pc = isInside
		case isInside:
			if passes {
				if next, ok := w.baton.passInside(*turn); ok {
					w.holder(next, 0, false)
				}
				th.pc = hasPassed
				return true
			}
			fallthrough
		case hasPassed:
			if w.baton.leave(*turn) {
				w.leading++
				th.pc = leads
			} else {
				th.pc = retired
			}
		case retired:
			return false
		}
		return true
	}
	w.all = append(w.all, th)
}

func (w *batonWorld) watchman(looks int) {
	th := &thread{name: "w"}
	th.step = func(th *thread) bool {
		seen, stay := &th.mem[0], &th.mem[1]
		if th.pc >= looks*2 {
			return false
		}
		th.pc++
		now, occupied := w.baton.look()
		if th.pc%2 == 1 { // the first look of two
			*seen, *stay = 0, w.stays
			if occupied {
				*seen = now
			}
			return true
		}
		if occupied && now == *seen {
			if next, ok := w.baton.take(*seen); ok {
				w.wrong = w.wrong || w.stays != *stay
				w.holder(next, 0, false)
			}
		}
		return true
	}
	w.all = append(w.all, th)
}

func (w *batonWorld) threads() []*thread { return w.all }
func (w *batonWorld) state() string {
	return fmt.Sprint(w.baton.word.Load(), w.leading, w.stays, " ", pcs(w.all))
}

func (w *batonWorld) check() error {
	if w.wrong {
		return fmt.Errorf("the watchman took the baton from another handler than the one he saw first")
	}
	if w.leading > 1 {
		return fmt.Errorf("%d goroutines read the ready list at once", w.leading)
	}
	return nil
}

func (w *batonWorld) atRest() error {
	if w.leading != 1 {
		return fmt.Errorf("%d goroutines hold the baton when all is quiet, want 1", w.leading)
	}
	return nil
}

func TestBatonHasOneHolderInEveryInterleaving(t *testing.T) {
	for _, passes := range []bool{false, true} {
		for _, watchmen := range []int{1, 2} { // one of the real kind, and one more for good measure
			n := explore(t, func() world {
				w := &batonWorld{}
				w.holder(0, 3, passes)
				for range watchmen {
					w.watchman(3)
				}
				return w
			})
			t.Logf("passes %v, %d watchmen: %d states", passes, watchmen, n)
		}
	}
}

// claimWorld: a connection, what arrives for it, its owner's code, and a timer.
type claimWorld struct {
	claim    claim
	all      []*thread
	queue    int // bytes in the kernel's queue
	owners   int
	sleeping bool // somebody is parked
	wakeups  int  // sent and not received
	deadline int  // of the rest
	at       int  // when the timer looks; 0: never
	expired  int
}

// arrive is the kernel and the poller: a byte, and its edge. The leader that
// sees the edge owns the connection if it rests, and runs a turn.
func (w *claimWorld) arrive(name string) {
	th := &thread{name: name}
	th.step = func(th *thread) bool {
		switch th.pc {
		case 0:
			w.queue++
		case 1:
			mine, wake := w.claim.event(readable)
			if wake&waitRead != 0 {
				w.wakeups++
			}
			if mine {
				w.owners++
				w.turn(name + "t")
			}
		default:
			return false
		}
		th.pc++
		return true
	}
	w.all = append(w.all, th)
}

// turn is an owner: recv until there is nothing, then rest.
func (w *claimWorld) turn(name string) {
	th := &thread{name: name}
	th.step = func(th *thread) bool {
		switch th.pc {
		case 0:
			w.claim.clear(readable)
			th.pc = 1
		case 1: // recv: a short one, so the queue is empty
			w.queue = 0
			th.pc = 2
		case 2:
			w.deadline = 2
			th.pc = 3
		case 3:
			w.owners--
			if !w.claim.rest() {
				w.owners++
				th.pc = 0
				break
			}
			th.pc = 4
		case 4: // Conn.release, after rest: is the timer still going to look?
			if w.at == 0 {
				th.pc = 5
			} else {
				th.pc = 6
			}
		case 5: // under the loop's lock
			w.at = w.deadline
			th.pc = 6
		default:
			return false
		}
		return true
	}
	w.all = append(w.all, th)
}

// waits is an owner that needs a byte and parks for it, as a body does.
func (w *claimWorld) waits(timesOut bool) {
	w.claim.note(held)
	w.owners++
	th := &thread{name: "p"}
	th.step = func(th *thread) bool {
		switch th.pc {
		case 0:
			w.claim.clear(readable)
			th.pc = 1
		case 1:
			if w.queue > 0 {
				w.queue = 0
				th.pc = 4
			} else {
				th.pc = 2
			}
		case 2:
			if w.claim.park(waitRead) {
				w.sleeping = true
				th.pc = 3
			} else {
				th.pc = 0
			}
		case 3:
			switch {
			case w.wakeups > 0:
				w.wakeups--
				w.sleeping = false
				th.pc = 0
			case timesOut && w.claim.unpark(waitRead):
				w.sleeping = false
				th.pc = 4
			default:
				return false
			}
		case 4: // the handler is done: rest as any owner does
			w.owners--
			if !w.claim.rest() {
				w.owners++
				w.turn("pt")
			}
			th.pc = 5
		default:
			return false
		}
		return true
	}
	w.all = append(w.all, th)
}

// timer is expire: take the connection off the heap, then try to own it.
func (w *claimWorld) timer(looks int) {
	th := &thread{name: "x"}
	th.step = func(th *thread) bool {
		switch {
		case th.pc >= 2*looks || th.pc%2 == 0 && w.at == 0:
			return false
		case th.pc%2 == 0:
			w.at = 0
		case w.claim.take():
			w.owners++
			w.expired++
			w.turn(fmt.Sprint("xt", w.expired)) // it was served meanwhile: rest anew
		}
		th.pc++
		return true
	}
	w.all = append(w.all, th)
}

// nudger is somebody who believes that the connection has an owner.
func (w *claimWorld) nudger() {
	th := &thread{name: "n"}
	th.step = func(th *thread) bool {
		if th.pc > 0 {
			return false
		}
		if w.claim.nudge(readable)&waitRead != 0 {
			w.wakeups++
		}
		th.pc++
		return true
	}
	w.all = append(w.all, th)
}

func (w *claimWorld) threads() []*thread { return w.all }

func (w *claimWorld) state() string {
	return fmt.Sprint(w.claim.word.Load(), w.queue, w.owners, w.sleeping, w.wakeups, w.deadline, w.at, w.expired, " ", pcs(w.all))
}

func (w *claimWorld) check() error {
	switch {
	case w.owners > 1:
		return fmt.Errorf("%d owners", w.owners)
	case w.wakeups > 1:
		return fmt.Errorf("%d wake-ups for one who sleeps", w.wakeups)
	}
	return nil
}

func (w *claimWorld) atRest() error {
	switch {
	case w.queue > 0:
		return fmt.Errorf("bytes wait in the queue and nobody will look")
	case w.wakeups > 0:
		return fmt.Errorf("a wake-up that nobody received would end a later wait")
	}
	return nil
}

func TestClaimLosesNoEdgeInAnyInterleaving(t *testing.T) {
	n := explore(t, func() world {
		w := &claimWorld{}
		w.arrive("a")
		w.arrive("b")
		w.arrive("c")
		return w
	})
	t.Logf("three arrivals: %d states", n)
	for _, timesOut := range []bool{false, true} {
		n := explore(t, func() world {
			w := &claimWorld{}
			w.waits(timesOut)
			w.arrive("a")
			w.arrive("b")
			return w
		})
		t.Logf("two arrivals for one who waits, times out %v: %d states", timesOut, n)
	}
}

// ownerless is a claimWorld at whose end the connection must rest.
type ownerless struct{ *claimWorld }

func (w ownerless) atRest() error {
	if w.claim.has(held) && !w.sleeping {
		return fmt.Errorf("it is held, and nobody holds it")
	}
	return w.claimWorld.atRest()
}

func TestNudgeTakesNothingInAnyInterleaving(t *testing.T) {
	n := explore(t, func() world {
		w := ownerless{&claimWorld{}}
		w.arrive("a")
		w.nudger()
		return w
	})
	m := explore(t, func() world {
		w := ownerless{&claimWorld{}}
		w.waits(true)
		w.nudger()
		return w
	})
	t.Logf("beside an arrival, and beside one who waits: %d and %d states", n, m)
}

// lazyTimer is a claimWorld in which every rest must be on the timer's list.
type lazyTimer struct{ *claimWorld }

func (w lazyTimer) atRest() error {
	if w.claim.has(held) {
		return fmt.Errorf("nobody goes on, and somebody owns it")
	}
	if w.deadline != 0 && w.at == 0 {
		return fmt.Errorf("it rests with a deadline that no timer will see")
	}
	return w.claimWorld.atRest()
}

func TestTimerForgetsNoRestInAnyInterleaving(t *testing.T) {
	n := explore(t, func() world {
		w := lazyTimer{&claimWorld{at: 1, deadline: 1}}
		w.arrive("a")
		w.arrive("b")
		w.timer(1)
		return w
	})
	t.Logf("two arrivals and the timer: %d states", n)
}

// sleepWorld: the watchman goes to sleep while somebody enters a handler.
type sleepWorld struct {
	baton  baton
	asleep bool
	bells  int
	all    []*thread
	inside bool
	looked bool // the watchman has seen the one inside, or will look again
}

func newSleepWorld() world {
	w := &sleepWorld{}
	h := &thread{name: "h"}
	h.step = func(th *thread) bool {
		switch th.pc {
		case 0:
			w.baton.enter(0)
			w.inside = true
		case 1: // Runner.Enter: is he asleep?
			if !w.asleep {
				th.pc = 3
				return true
			}
		case 2: // rouse
			if w.asleep {
				w.asleep = false
				w.bells++
			}
		default:
			return false // it blocks in the handler for good
		}
		th.pc++
		return true
	}
	m := &thread{name: "w"}
	m.step = func(th *thread) bool {
		switch th.pc {
		case 0:
			w.asleep = true
		case 1:
			if _, occupied := w.baton.look(); occupied {
				th.pc = 2
				return true
			}
			th.pc = 3
			return true
		case 2:
			if w.asleep { // the swap succeeds: go on looking
				w.asleep = false
				w.looked = true
				th.pc = 4
				return true
			}
		case 3:
			if w.bells == 0 {
				return false
			}
			w.bells--
			w.looked = true
			th.pc = 4
			return true
		default:
			return false
		}
		th.pc++
		return true
	}
	w.all = []*thread{h, m}
	return w
}

func (w *sleepWorld) threads() []*thread { return w.all }
func (w *sleepWorld) state() string {
	return fmt.Sprint(w.baton.word.Load(), w.asleep, w.bells, w.inside, w.looked, " ", pcs(w.all))
}
func (w *sleepWorld) check() error { return nil }
func (w *sleepWorld) atRest() error {
	if w.inside && !w.looked {
		return fmt.Errorf("somebody is inside a handler and the watchman sleeps")
	}
	if w.bells > 0 {
		return fmt.Errorf("a bell nobody heard")
	}
	return nil
}

func TestWatchmanSleepsThroughNothingInAnyInterleaving(t *testing.T) {
	t.Logf("%d states", explore(t, newSleepWorld))
}
