package trace_test

import (
	"context"
	"fmt"

	"github.com/genkan-http/genkan/trace"
)

// A ring of two, and a reader that was slow.
func ExampleRing() {
	ring := trace.NewRing(trace.Options{Events: 2})
	reader := ring.Reader()
	for _, v := range []trace.Verb{trace.Accept, trace.Recv, trace.Send, trace.Close} {
		ring.Emit(trace.Event{Verb: v, Conn: 1})
	}
	for range 2 {
		e, lost, _ := reader.Next(context.Background())
		fmt.Println(e.Seq, e.Verb, "lost:", lost)
	}
	// Output:
	// 3 send lost: 2
	// 4 close lost: 0
}
