package trace

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// A reader that takes now and then must be able to account for every event:
// either it got it, in order and unchanged, or it was told of its loss.
func TestReaderAccountsForEveryEvent(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		slots := 1 + rnd.IntN(20)
		limit := 40 + rnd.IntN(400)
		r := NewRing(Options{Events: slots, Bytes: 64, MemoryLimit: limit})
		emitted := uint64(rnd.IntN(30))
		for i := range emitted { // before the reader: none of its business
			r.Emit(numbered(i+1, rnd))
		}
		rd := r.Reader()
		accounted := emitted
		for range 400 {
			if rnd.IntN(3) > 0 {
				emitted++
				r.Emit(numbered(emitted, rnd))
				continue
			}
			e, lost, ok := rd.TryNext()
			if !ok {
				if lost != 0 || accounted != emitted {
					t.Fatalf("seed %d: nothing to read, but %d of %d accounted for (lost %d)", seed, accounted, emitted, lost)
				}
				continue
			}
			accounted += lost + 1
			if e.Seq != accounted || e.Off != int64(accounted) {
				t.Fatalf("seed %d: event seq %d, payload %d; want number %d: losses are counted exactly", seed, e.Seq, e.Off, accounted)
			}
			if held := heldBytes(r); held > limit || held != r.held {
				t.Fatalf("seed %d: ring holds %d bytes, counts %d, limit %d", seed, held, r.held, limit)
			}
			if lag := emitted - e.Seq; lag >= uint64(slots) {
				t.Fatalf("seed %d: got an event %d behind, from a ring of %d", seed, lag, slots)
			}
		}
	}
}

func numbered(n uint64, rnd *rand.Rand) Event {
	return Event{Off: int64(n), Data: make([]byte, rnd.IntN(100)), Note: "note"[:rnd.IntN(5)]}
}

func heldBytes(r *Ring) (n int) {
	for i := range r.slots {
		n += r.slots[i].size()
	}
	return n
}

// Nobody reads, and Emit comes back: the watched never waits for the watcher.
func TestEmitNeedsNoReader(t *testing.T) {
	r := NewRing(Options{Events: 8})
	rd := r.Reader()
	within(t, "10,000 emits into a ring of 8 that nobody reads", func() {
		for range 10000 {
			r.Emit(Event{})
		}
	})
	e, lost, ok := rd.TryNext()
	if !ok || lost != 10000-8 || e.Seq != 10000-8+1 {
		t.Errorf("got seq %d, lost %d, %v; want the oldest of the last 8, and 9992 lost", e.Seq, lost, ok)
	}
}

// Several emitters, several readers of different speed: each reader sees the
// numbers rise, each emitter's events in the emitter's order, and
// got + lost = all. To be run with -race.
func TestConcurrentEmittersAndReaders(t *testing.T) {
	const emitters, each = 4, 3000
	r := NewRing(Options{Events: 64, Bytes: 8})
	var readers sync.WaitGroup
	for speed := range 3 {
		rd := r.Reader()
		readers.Go(func() { readAll(t, rd, emitters, emitters*each, speed) })
	}
	var writers sync.WaitGroup
	for n := range emitters {
		writers.Go(func() {
			for i := range each {
				r.Emit(Event{Conn: uint64(n), Off: int64(i), Data: []byte{byte(i)}})
			}
		})
	}
	within(t, "the emitters", writers.Wait)
	within(t, "the readers", readers.Wait)
}

func readAll(t *testing.T, rd *Reader, emitters int, all uint64, speed int) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	last := make([]int64, emitters)
	for i := range last {
		last[i] = -1
	}
	var seen uint64
	for seen < all {
		e, lost, err := rd.Next(ctx)
		if err != nil {
			t.Errorf("reader %d: %v after %d of %d", speed, err, seen, all)
			return
		}
		seen += lost + 1
		if e.Seq != seen {
			t.Errorf("reader %d: seq %d after accounting for %d", speed, e.Seq, seen)
			return
		}
		if e.Off <= last[e.Conn] || e.Data[0] != byte(e.Off) {
			t.Errorf("reader %d: emitter %d's event %d after %d, data %x", speed, e.Conn, e.Off, last[e.Conn], e.Data)
			return
		}
		last[e.Conn] = e.Off
		for range speed * 10 {
			runtime.Gosched()
		}
	}
}

func TestNextEnds(t *testing.T) {
	r := NewRing(Options{})
	t.Run("with the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		rd := r.Reader()
		time.AfterFunc(time.Millisecond, cancel)
		within(t, "Next", func() {
			if _, _, err := rd.Next(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("err = %v, want the context's", err)
			}
		})
		r.Emit(Event{})
		if _, _, err := rd.Next(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v: under steady traffic there is always an event, so the end is asked for first", err)
		}
		if _, _, ok := rd.TryNext(); !ok {
			t.Error("TryNext has nothing: the refused Next must not have taken the event")
		}
	})
	t.Run("with Close", func(t *testing.T) {
		rd := r.Reader()
		time.AfterFunc(time.Millisecond, rd.Close)
		within(t, "Next", func() {
			if _, _, err := rd.Next(context.Background()); !errors.Is(err, ErrClosed) {
				t.Errorf("err = %v, want ErrClosed", err)
			}
		})
		rd.Close() // twice is fine
	})
}

func TestRingKeepsNoMoreBytesThanAsked(t *testing.T) {
	r := NewRing(Options{Bytes: 4})
	rd := r.Reader()
	r.Emit(Event{Len: 10, Data: []byte("0123456789")})
	e, _, _ := rd.TryNext()
	if string(e.Data) != "0123" || cap(e.Data) != 4 || e.Len != 10 {
		t.Errorf("data %q cap %d len %d; want the first 4, in an array of 4, and the real size", e.Data, cap(e.Data), e.Len)
	}
}

func TestEventLargerThanMemoryLimitComesWithoutData(t *testing.T) {
	r := NewRing(Options{Bytes: 100, MemoryLimit: 50})
	rd := r.Reader()
	r.Emit(Event{Len: 60, Data: make([]byte, 60), Note: "kept"})
	e, lost, ok := rd.TryNext()
	if !ok || lost != 0 || e.Data != nil || e.Note != "kept" || e.Len != 60 {
		t.Errorf("got %+v, lost %d, %v; want the event, without its data", e, lost, ok)
	}
}

func TestNilRing(t *testing.T) {
	var r *Ring
	r.Emit(Event{}) // must not panic: a server may emit through a Watcher that has none
	if r.WantBytes() != 0 {
		t.Error("a nil ring wants bytes")
	}
	var w Watcher = r
	if w.Ring() != nil {
		t.Error("a nil ring as a Watcher has a ring")
	}
}

// within fails if f does not come back.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s: still not back after 30 s", what)
	}
}

func BenchmarkEmit(b *testing.B) {
	r := NewRing(Options{})
	b.ReportAllocs()
	for b.Loop() {
		r.Emit(Event{Verb: Recv, Conn: 1, Result: "78"})
	}
}

func BenchmarkEmitWithReader(b *testing.B) {
	r := NewRing(Options{})
	rd := r.Reader()
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			if _, _, err := rd.Next(context.Background()); err != nil {
				return
			}
		}
	})
	b.ReportAllocs()
	for b.Loop() {
		r.Emit(Event{Verb: Recv, Conn: 1, Result: "78"})
	}
	rd.Close()
	reader.Wait()
}

// What a server pays that nobody watches.
func BenchmarkNilWatcher(b *testing.B) {
	ring := unwatched
	b.ReportAllocs()
	for b.Loop() {
		if ring != nil {
			ring.Emit(Event{Time: time.Now(), Verb: Parse, Note: "GET / HTTP/1.1"})
		}
	}
}

var unwatched *Ring
