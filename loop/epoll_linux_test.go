package loop

import (
	"os"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
)

// Wait says whether it had to wait: after that the runtime's monitor may sleep.
func TestEpollWaited(t *testing.T) {
	p, err := NewEpoll()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := p.Add(socket.FD(r.Fd()), 1, true); err != nil {
		t.Fatal(err)
	}
	var ready [4]Ready
	for _, block := range []bool{true, false} {
		if _, err := w.WriteString("a"); err != nil {
			t.Fatal(err)
		}
		if n, waited, err := p.Wait(ready[:], block); n != 1 || waited || err != nil {
			t.Errorf("a byte is there: Wait(block %v) = %d, waited %v, %v", block, n, waited, err)
		}
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if n, waited, err := p.Wait(ready[:], false); n != 0 || waited || err != nil {
		t.Errorf("nothing is there: a look = %d, waited %v, %v", n, waited, err)
	}
	// Nobody can tell when Wait has parked: a byte that comes too early shows
	// nothing, and the next one has more time.
	for pause, end := time.Millisecond, time.Now().Add(10*time.Second); ; pause *= 2 {
		timer := time.AfterFunc(pause, func() { w.WriteString("b") })
		n, waited, err := p.Wait(ready[:], true)
		timer.Stop()
		if n != 1 || err != nil {
			t.Fatalf("a byte comes later: Wait = %d, %v", n, err)
		}
		if waited {
			return
		}
		if time.Now().After(end) {
			t.Fatal("Wait never says that it had to wait")
		}
		if _, err := r.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
}
