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
	go func() {
		time.Sleep(20 * time.Millisecond) // so that it is parked: earlier, and the test has seen nothing
		w.WriteString("b")
	}()
	if n, waited, err := p.Wait(ready[:], true); n != 1 || !waited || err != nil {
		t.Errorf("a byte comes later: Wait = %d, waited %v, %v", n, waited, err)
	}
}
