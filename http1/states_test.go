package http1

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

var stateNames = [states]string{
	"start", "start again", "empty line's LF", "TLS?", "method", "target", "version",
	"answer's version", "status", "reason", "start line's LF", "field", "name",
	"white space", "value", "value's LF", "head's LF", "trailers' LF", "framing", "length",
	"until close", "chunk size", "extension name", "extension value", "extension token",
	"extension quoted", "extension escape", "extension closed", "chunk line's LF",
	"chunk data", "chunk data's CR", "chunk data's LF", "end", "switched", "failed",
}

var seenNames = [seens]string{
	"a byte", "CR", "LF", "space", "colon", "semicolon", "equals", "quote", "backslash",
	"0x16", "CR, end of head", "CR, end of trailers", "LF after size 0", "all bytes", "end of input",
	"a byte of a response", "no body", "a length", "chunked", "until close", "message handed on", "another protocol",
}

// TestStatesPicture holds the picture to the table.
func TestStatesPicture(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The states of the parsers\n\nDrawn from the table in `state.go` by `go test ./http1 -update`; do not edit.\nFrom every state a breach of a rule leads to *failed*, which is never left.\nA state is named after what is expected next.\n\n```mermaid\nstateDiagram-v2\n")
	for s := range states {
		fmt.Fprintf(&b, "    s%d: %s\n", s, stateNames[s])
	}
	b.WriteString("    [*] --> s0\n")
	for _, c := range changes {
		fmt.Fprintf(&b, "    s%d --> s%d: %s\n", c.from, c.to, seenNames[c.seen])
	}
	b.WriteString("```\n\n| state | what comes | next state |\n|---|---|---|\n")
	for _, c := range changes {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", stateNames[c.from], seenNames[c.seen], stateNames[c.to])
	}
	if *update {
		if err := os.WriteFile("states.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("states.md")
	if err != nil || string(got) != b.String() {
		t.Errorf("states.md is not what state.go says (%v): go test ./http1 -run StatesPicture -update", err)
	}
}

// TestEveryStateIsReachable: a state that no row leads to, or that no row
// leaves, is a mistake in the table.
func TestEveryStateIsReachable(t *testing.T) {
	reached := map[state]bool{stStart: true, stFailed: true}
	left := map[state]bool{stFailed: true, stSwitched: true, stTLS: true}
	for again := true; again; {
		again = false
		for _, c := range changes {
			left[c.from] = true
			if reached[c.from] && !reached[c.to] {
				reached[c.to], again = true, true
			}
		}
	}
	twice := map[[2]int]bool{}
	for _, c := range changes {
		if k := [2]int{int(c.from), int(c.seen)}; twice[k] {
			t.Errorf("two rows for %q and %q", stateNames[c.from], seenNames[c.seen])
		} else {
			twice[k] = true
		}
	}
	for s := range states {
		if !reached[s] || !left[s] {
			t.Errorf("state %q: reached %v, left %v", stateNames[s], reached[s], left[s])
		}
	}
}
