package loop

import "testing"

// idleOf is an idle with n runners parked.
func idleOf(n int) *idle {
	i := &idle{most: 10, few: 2}
	for range n {
		i.park(&Runner{work: make(chan batonFor, 1)})
	}
	return i
}

func TestIdleBounds(t *testing.T) {
	i := idleOf(10)
	if i.park(&Runner{}) {
		t.Error("an eleventh is parked, where ten are the most")
	}
	first, last := i.parked[0], i.parked[9]
	if i.pop() != last {
		t.Error("not the last one parked is used first")
	}
	i.trim()
	if len(i.parked) != 2 {
		t.Errorf("%d are left of a trim, want 2", len(i.parked))
	}
	if _, ok := <-first.work; ok {
		t.Error("the first has been given work instead of its end")
	}
	if i.park(&Runner{}) {
		t.Error("a third is parked while there is no work")
	}
	i.pop()
	i.pop()
	if i.pop() != nil {
		t.Error("there is one more than there were")
	}
	for range 3 {
		if !i.park(&Runner{work: make(chan batonFor)}) {
			t.Error("a third is not parked although there is work again")
		}
	}
	i.close()
	if len(i.parked) != 0 || i.park(&Runner{}) {
		t.Error("somebody is parked in what is closed")
	}
}

// Who has not been needed between two sweeps is ended, and nobody else.
func TestIdleSweep(t *testing.T) {
	i := idleOf(9)
	i.sweep() // begins the count
	var out []*Runner
	for range 5 {
		out = append(out, i.pop())
	}
	for _, r := range out {
		i.park(r)
	}
	i.sweep()
	if len(i.parked) != 5 {
		t.Errorf("%d are left where 5 of 9 were needed", len(i.parked))
	}
	i.sweep()
	if len(i.parked) != 2 {
		t.Errorf("%d are left where none were needed, want the few, 2", len(i.parked))
	}
	i.sweep()
	if len(i.parked) != 2 {
		t.Errorf("%d are left after another sweep, want 2", len(i.parked))
	}
}
