package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSlow makes one tiny round beside a handler that sleeps, one that computes
// and one that never returns, from the flags to the file.
func TestSlow(t *testing.T) {
	if supported != nil {
		t.Skip(supported)
	}
	file := filepath.Join(t.TempDir(), "RESULTS-SLOW.md")
	var out bytes.Buffer
	if err := slow([]string{"-rounds", "1", "-duration", "100ms", "-quick", "500", "-only", "^(sleep|cpu|forever|handover)$", "-out", file}, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range handlerServers {
		for _, k := range []string{"sleep", "cpu", "forever"} {
			for s := range situations {
				if !strings.Contains(string(text), "| "+k+" | "+name+" | "+s.String()+" | ") {
					t.Errorf("no row of %s beside %s, %v: each server has each turn\n%s", name, k, s, text)
				}
			}
		}
	}
	if !strings.Contains(string(text), "| one hand-over |") || strings.Contains(string(text), " | 0.00 | ") {
		t.Errorf("a request that costs nothing was not measured\n%s", text)
	}
}

// TestSlowHandlers: those that return answer as the quick route does, or the
// probe would not know them, and not before their time.
func TestSlowHandlers(t *testing.T) {
	if supported != nil {
		t.Skip(supported)
	}
	for _, k := range slowKinds {
		if !k.ends {
			continue
		}
		r := httptest.NewRequest(http.MethodGet, "/slow/"+k.name+"/x", nil)
		r.SetPathValue("kind", k.name)
		w := httptest.NewRecorder()
		began := time.Now()
		slowly(w, r)
		if took := time.Since(began); took < held {
			t.Errorf("%s took %v: it must be slow for %v to be seen", k.name, took, held)
		}
		if w.Code != http.StatusOK || w.Body.String() != plainText {
			t.Errorf("%s answered %d %q; the probe waits for %q", k.name, w.Code, w.Body, plainText)
		}
	}
}

// TestSchedule: the load is open and is what was asked for.
func TestSchedule(t *testing.T) {
	p := probe{Seed: 1, Duration: 10 * time.Second, Quick: 1000, Paths: []string{"/a", "/b"}, Slow: 20, SlowPath: "/slow/x/"}
	all := p.schedule()
	if !slices.IsSortedFunc(all, func(a, b due) int { return int(a.at - b.at) }) {
		t.Error("requests are made in the order of their time")
	}
	seen := map[string]int{}
	for _, d := range all {
		seen[d.path]++
		if d.slow && (strings.ContainsAny(d.path, "0123456789") || seen[d.path] > 1) {
			t.Errorf("slow path %s: each must be new, and letters only, as segments with digits may be taken for one route", d.path)
		}
	}
	if quick := seen["/a"] + seen["/b"]; quick < 9500 || quick > 10500 {
		t.Errorf("%d quick requests in 10 s at 1000/s: five standard deviations of a Poisson process off", quick)
	}
	if diff := seen["/a"] - seen["/b"]; diff < 0 || diff > 1 {
		t.Errorf("paths come in turns, but /a is %d ahead of /b", diff)
	}
	p.Seed = 2
	if slices.Equal(all, p.schedule()) {
		t.Error("another seed, another chance")
	}
}

func TestSummary(t *testing.T) {
	var all []int64
	for i := range int64(1000) {
		all = append(all, (1000-i)*1000) // nanoseconds, unsorted
	}
	var r probed
	r.summary(all, []int64{5000})
	want := probed{Count: 1000, P50: 500, P99: 990, P999: 999, Max: 1000, Late: 5}
	if r != want {
		t.Errorf("%+v, not %+v: the nearest rank of 1 to 1000 µs", r, want)
	}
}

// TestAdded: a disturbed round does not decide, and noise is not a result.
func TestAdded(t *testing.T) {
	of := func(values ...float64) (four [situations]probed) {
		for i, v := range values {
			four[i].P99 = v
		}
		return four
	}
	turns := &slowTurns{server: "genkan", kind: slowKinds[0], rounds: [][situations]probed{
		of(100, 1700, 140, 120),
		of(100, 1500, 110, 160),
		of(9000, 90000, 40000, 100), // a neighbour came
	}}
	for _, test := range []struct {
		what      string
		got, want float64
	}{
		{"unknown", turns.added(unknown, p99), 1590},             // of 1590, 1370, 85450
		{"learned", turns.added(learned, p99), 30},               // of 30, -20, 35450
		{"noise", turns.noise(p99), 60},                          // of 20, 60, 8900
		{"unknown, least", turns.addedLeast(unknown, p99), 1400}, // 1500 - 100
	} {
		if test.got != test.want {
			t.Errorf("%s: %v µs, not %v", test.what, test.got, test.want)
		}
	}
	if turns.verdict(unknown) != "met" || turns.verdict(learned) != "met" {
		t.Error("1.59 ms is less than 2 ms, and 30 µs less than the noise of 60")
	}
	turns.rounds = turns.rounds[:1]
	if turns.verdict(learned) != "missed" {
		t.Error("30 µs more, where the noise is 20, is more")
	}
}

func TestParseSlow(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-rounds 0", "at least 1"},
		{"-duration 1ms", "at least 100ms"},
		{"-quick 10", "from 100"},
		{"-only (", "missing closing )"},
		{"-cpus 1", "two numbers"},
		{"sleep", "only flags"},
	} {
		_, err := parseSlow(strings.Fields(test.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v; it must say what is wrong: %q", test.args, err, test.want)
		}
	}
}
