package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"genkan": main, "sandboxed": sandboxed})
}

// TestScripts runs testdata/*.txtar: the program as its user runs it.
//
// Beside what testscript has, a script can say:
//
//	await FILE REGEXP [NAME]   wait until FILE has it; NAME gets the first group
//	take ADDRESS NAME          listen there; NAME gets the port ("taken" is fine)
//	freeport NAME              NAME gets a port at which nobody listens
//	grow FILE SIZE             make a file of so many bytes
//	[tcp6]                     is there an IPv6 loopback address?
func TestScripts(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed: the program was not talked to")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Deadline:            time.Now().Add(2 * time.Minute), // what hangs is ended, and its words are shown
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "UTC")
			env.Setenv("LANG", "C.UTF-8")
			env.Setenv("CURL_HOME", env.WorkDir+"/.curl")
			if err := os.Mkdir(env.WorkDir+"/.curl", 0o777); err != nil {
				return err
			}
			return os.WriteFile(env.WorkDir+"/.curl/.curlrc", []byte("max-time = 30\n"), 0o666)
		},
		Condition: func(condition string) (bool, error) {
			if condition != "tcp6" {
				return false, fmt.Errorf("unknown condition %q", condition)
			}
			listener, err := net.Listen("tcp", "[::1]:0")
			if err != nil {
				return false, nil
			}
			return true, listener.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    await,
			"take":     take,
			"freeport": freePort,
			"grow":     grow,
		},
	})
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: await FILE REGEXP [NAME]")
	}
	wanted, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var text []byte
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		text, _ = os.ReadFile(ts.MkAbs(args[0]))
		if found := wanted.FindSubmatch(text); found != nil {
			if len(args) == 3 {
				ts.Setenv(args[2], string(found[1]))
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not come to have %#q; it has:\n%s", args[0], args[1], text)
		}
	}
}

func take(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: take ADDRESS NAME")
	}
	_, port, err := net.SplitHostPort(args[0])
	ts.Check(err)
	if listener, err := net.Listen("tcp", args[0]); err == nil {
		ts.Defer(func() { listener.Close() })
		port = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	}
	ts.Setenv(args[1], port)
}

// freePort is for what cannot be told to take any port. That somebody else gets
// the port in between is possible, one in tens of thousands.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer listener.Close()
	ts.Setenv(args[0], strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}

func grow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: grow FILE SIZE")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	file, err := os.Create(name)
	ts.Check(err)
	defer file.Close()
	ts.Check(file.Truncate(size))
}
