package genkan

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
	"github.com/genkan-http/genkan/trace"
)

// A wireWay is the ways in which an input is sent, each a list of pieces;
// breach is the byte that breaks a rule, -1 if none does.
type wireWay func(in []byte, breach int) [][][]byte

// TestWireRows holds the conversations on the kernel in memory, where the server
// has always done with one piece before the next one comes: whole, byte by byte,
// and in two pieces.
func TestWireRows(t *testing.T) {
	for name, way := range map[string]wireWay{"whole": whole, "byte by byte": byteByByte, "every split": everySplit} {
		eachHall(t, name, func(t *testing.T, rows []*wireRow) {
			bubble(t, func(t *testing.T) { holdRows(t, stageMemory, rows, new(rowWitness), way) })
		})
	}
}

// TestWireRowsOverSockets holds them on sockets of this machine's kernel. Byte
// by byte it may join pieces as it likes; of two the first has always been
// received before the second is sent.
func TestWireRowsOverSockets(t *testing.T) {
	all := []stage{stageDirect}
	if loop.Supported {
		all = append(all, stageTCP, stageUNIX)
	}
	for _, s := range all {
		for name, way := range map[string]wireWay{"whole": whole, "byte by byte": byteByByte, "some splits": someSplits} {
			eachHall(t, s.name+", "+name, func(t *testing.T, rows []*wireRow) { holdRows(t, s, rows, new(rowWitness), way) })
		}
	}
}

// TestWireRowsUnread holds those with a body with a handler that does not read
// it: what it leaves is read away under the same rules, and no byte of it is ever
// part of a request. Who waits to be told to send a body is not among them.
func TestWireRowsUnread(t *testing.T) {
	eachHall(t, "every split", func(t *testing.T, rows []*wireRow) {
		rows = slices.DeleteFunc(rows, func(row *wireRow) bool {
			return !slices.ContainsFunc(row.requests, func(r wireRequest) bool { return r.length != 0 }) ||
				slices.ContainsFunc(row.requests, func(r wireRequest) bool { return r.expects })
		})
		if len(rows) > 0 {
			bubble(t, func(t *testing.T) { holdRows(t, stageMemory, rows, &rowWitness{leaves: true}, wholeAndSplit) })
		}
	})
}

// TestEveryRuleHasARow: no rule that a request's bytes can break is without a
// conversation that the server is held to.
func TestEveryRuleHasARow(t *testing.T) {
	broken := map[string]bool{}
	for _, row := range wireRows(t) {
		if row.breach != nil {
			broken[row.breach.rule] = true
		}
	}
	aboutResponses := []string{"status-code", "reason-byte", "response-unasked"}
	for _, rule := range append(http1.Rules(), ruleTargetURL) {
		if is := slices.Contains(aboutResponses, rule.ID); is == broken[rule.ID] {
			t.Errorf("rule %s (%s) is broken by a request of http1/testdata: %v; want %v", rule.ID, rule.Text, broken[rule.ID], !is)
		}
		delete(broken, rule.ID)
	}
	for id := range broken {
		t.Errorf("http1/testdata has a request that breaks %s, which is no rule", id)
	}
}

// eachHall runs f for the conversations that need a server of their own, because
// they set other limits.
func eachHall(t *testing.T, name string, f func(t *testing.T, rows []*wireRow)) {
	halls := map[string][]*wireRow{}
	for _, row := range wireRows(t) {
		halls[row.limits] = append(halls[row.limits], row)
	}
	for limits, rows := range halls {
		t.Run(name+"/"+cmp.Or(limits, "usual limits"), func(t *testing.T) { f(t, rows) })
	}
}

func whole(in []byte, _ int) [][][]byte { return [][][]byte{{in}} }

func byteByByte(in []byte, breach int) [][][]byte {
	var pieces [][]byte
	from := 0
	for _, i := range append(places(in, breach, 16), len(in)) {
		if i > from {
			pieces, from = append(pieces, in[from:i]), i
		}
	}
	return [][][]byte{pieces}
}

func everySplit(in []byte, breach int) [][][]byte { return splits(in, places(in, breach, len(in)/100)) }

func wholeAndSplit(in []byte, breach int) [][][]byte {
	return append(whole(in, breach), everySplit(in, breach)...)
}

// someSplits is few: before and behind the breach, before the last byte, and seven
// places in between.
func someSplits(in []byte, breach int) [][][]byte {
	at := []int{breach, breach + 1, len(in) - 1}
	for i := range 7 {
		at = append(at, len(in)*(i+1)/8)
	}
	return splits(in, at)
}

// places are those at which an input is split: all. One of some kilobytes is a
// short piece many times over: of it both ends, the neighbourhood of the breach
// and of the sizes of buffers, and in between every step-th.
func places(in []byte, breach, step int) (at []int) {
	const short, end, near = 1000, 80, 3
	for i := range in {
		close := func(place int) bool { return i >= place-near && i <= place+near }
		if len(in) <= short || i <= end || i >= len(in)-end || i%step == 0 ||
			breach >= 0 && close(breach) || close(inBuffer) || close(2*inBuffer) {
			at = append(at, i)
		}
	}
	return at
}

func splits(in []byte, at []int) (all [][][]byte) {
	slices.Sort(at)
	for _, i := range slices.Compact(at) {
		if i > 0 && i < len(in) {
			all = append(all, [][]byte{in[:i], in[i:]})
		}
	}
	return all
}

// receive waits until the server has received said bytes of the connection, or
// has closed it.
func (h *rowHall) receive(said int) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), h.patience)
	defer cancel()
	for h.received < said && h.ended == "" {
		ev, _, err := h.events.Next(ctx)
		switch {
		case err != nil:
			h.t.Fatalf("%d of %d bytes were received within %v\n%s", h.received, said, h.patience, stacks())
		case ev.Verb == trace.Recv:
			h.received += ev.Len
		case ev.Verb == trace.Close && !ev.IsCall():
			h.ended = ev.Note
		}
	}
}
