package arch

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestBroken breaks each rule once, in a module of one file, and wants the
// rule's own words: a rule that cannot fail protects nothing.
func TestBroken(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\n", n) }
	for _, test := range []struct {
		rule, file, text, want string
	}{
		{"a parser has no clock", "http1/parser.go", `package http1; import _ "time"`, "cannot be replayed"},
		{"a parser has no network", "http1/parser.go", `package http1; import _ "net"`, "caller owns the bytes"},
		{"a parser has no files", "http1/parser.go", `package http1; import _ "os"`, "two answers"},
		{"a parser has no lock", "http1/parser.go", `package http1; import _ "sync"`, "one owner"},
		{"a parser has no context", "http1/parser.go", `package http1; import _ "context"`, "nothing here waits"},
		{"the rule holds on every system", "http1/parser_windows.go", "//go:build windows\n\npackage http1; import _ \"os\"", "two answers"},
		{"socket stands lowest", "socket/recv.go", `package socket; import _ "` + Module + `/loop"`, "may import of ours only"},
		{"socket shows the calls", "socket/recv.go", `package socket; import _ "net"`, "there to show"},
		{"loop knows no HTTP", "loop/loop.go", `package loop; import _ "` + Module + `/http1"`, "not what bytes mean"},
		{"the server knows no page", "server.go", `package genkan; import _ "` + Module + `/watch"`, "no program, no page"},
		{"the server stays light", "server.go", `package genkan; import _ "github.com/alecthomas/kong"`, "of other modules only"},
		{"a view sees events alone", "watch/text.go", `package watch; import _ "` + Module + `"`, "events alone"},
		{"files stands alone", "files/files.go", `package files; import _ "` + Module + `/http1"`, "plain http.Handler"},
		{"the program parses nothing", "cmd/genkan/main.go", `package main; import _ "` + Module + `/http1"`, "joins what the packages do"},
		{"a test's modules are listed", "files/files_test.go", `package files; import _ "github.com/stretchr/testify"`, "of other modules only"},
		{"a new package has a row", "router/router.go", `package router`, "no row in arch.Rooms"},
		{"the race detector sees all", "loop/baton.go", "package loop\n\n//go:norace\nfunc pass() {}", "nobody has checked"},
		{"no code for the race detector", "loop/baton.go", "//go:build linux && !race\n\npackage loop", "build tag on race"},
		{"no reaching into packages", "loop/poll.go", "package loop\n\n//go:linkname poll runtime.poll\nfunc poll()", "any release of Go"},
		{"unsafe is listed", "loop/event.go", `package loop; import _ "unsafe"`, "arch.Unsafe"},
		{"no unfinished work", "loop/event.go", "package loop\n\n// TO" + "DO: the rest", "finish it"},
		{"files say what they do", "files/util.go", "package files", "named after"},
		{"files are short", "files/long.go", "package files" + lines(MaxFileLines+1), "is it one thing"},
		{"test files are short", "files/long_test.go", "package files" + lines(MaxTestFileLines+1), "is it one thing"},
		{"functions are short", "files/long.go", "package files\nfunc long() {" + lines(MaxFunctionLines) + "}", "divide it"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			wantBroken(t, check(t, test.file, test.text), test.want)
		})
	}
}

func TestKept(t *testing.T) {
	for _, test := range []struct{ why, file, text string }{
		{"tests may use a clock", "http1/parser_test.go", `package http1; import _ "time"`},
		{"tests may use the kernel in memory", "loop/loop_test.go", `package loop; import _ "` + Module + `/socket/sockettest"`},
		{"a package below a room is of the room", "learn/step1/main.go", `package main; import _ "` + Module + `/socket"`},
		{"a word inside another is a word of its own", "files/list.go", "package files\n\n// MASTO" + "DON is no unfinished work."},
		{"another module has other rules", "bench/router/router.go", "package router"},
		{"test data is not code", "http1/testdata/util.go", "not Go at all"},
	} {
		t.Run(test.why, func(t *testing.T) { report(t, check(t, test.file, test.text)) })
	}
}

func TestBrokenCore(t *testing.T) {
	report(t, CheckCore("linux/amd64", []string{Module, Module + "/loop", "golang.org/x/sys/unix"}))
	wantBroken(t, CheckCore("linux/amd64", []string{"golang.org/x/sysinternals"}), "the core is")
}

func TestBrokenExceptions(t *testing.T) {
	entries := map[string]string{"gone.go": "it was long once"}
	wantBroken(t, stale("LongFiles", entries, func(string) bool { return false }), "remove the line")
	report(t, stale("LongFiles", entries, func(string) bool { return true }))
}

// check applies all rules to a module of one file, without the exceptions that
// the real module needs.
func check(t *testing.T, file, text string) []string {
	t.Helper()
	defer func(unsafe, files, functions map[string]string) {
		Unsafe, LongFiles, LongFunctions = unsafe, files, functions
	}(Unsafe, LongFiles, LongFunctions)
	Unsafe, LongFiles, LongFunctions = nil, nil, nil

	sources, err := Read(fstest.MapFS{
		"go.mod":       {Data: []byte("module " + Module)},
		"bench/go.mod": {Data: []byte("module " + Module + "/bench")},
		file:           {Data: []byte(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	broken := CheckImports(sources)
	broken = append(broken, CheckText(sources)...)
	return append(broken, CheckLength(sources)...)
}

func wantBroken(t *testing.T, broken []string, want string) {
	t.Helper()
	if len(broken) != 1 || !strings.Contains(broken[0], want) {
		t.Errorf("got %q, want one sentence that says %q", broken, want)
	}
}
