package genkan

import (
	"context"
	"testing"

	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// TestWireRows holds the conversations on the kernel in memory, where time costs
// nothing and the server has always done with one piece before the next comes.
func TestWireRows(t *testing.T) {
	bubble(t, func(t *testing.T) { holdRows(t, stageMemory, whole) })
}

func whole(in []byte, _ int) [][][]byte { return [][][]byte{{in}} }

// TestWireRowsOverSockets holds them on sockets of this machine's kernel.
func TestWireRowsOverSockets(t *testing.T) {
	all := []stage{stageDirect}
	if loop.Supported {
		all = append(all, stageTCP)
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) { holdRows(t, s, whole) })
	}
}

// received waits until the server has received n bytes of the connection, or
// has closed it: then it says why.
func (h *hall) received(n int) (closed string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), h.patience)
	defer cancel()
	for n > 0 {
		ev, _, err := h.events.Next(ctx)
		switch {
		case err != nil:
			h.t.Fatalf("%d bytes were not received within %v\n%s", n, h.patience, stacks())
		case ev.Verb == trace.Recv:
			n -= ev.Len
		case ev.Verb == trace.Close && !ev.IsCall():
			return ev.Note
		}
	}
	return ""
}
