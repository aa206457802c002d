package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
)

// sandboxed is a program of the tests: the server in the program's sandbox, with
// a handler that tries what nobody served by it should be able to.
//
//	sandboxed DIR   answers GET /PATH with what opening it gives
func sandboxed() {
	srv := &genkan.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case r.Method == http.MethodPost:
			fmt.Fprint(w, os.WriteFile(path, nil, 0o600))
		case strings.HasPrefix(path, "/connect/"):
			_, err := net.Dial("tcp", strings.TrimPrefix(path, "/connect/"))
			fmt.Fprint(w, err)
		case path == "/run":
			fmt.Fprint(w, exec.Command("/bin/true").Run())
		default:
			f, err := os.Open(path)
			if err == nil {
				f.Close()
			}
			fmt.Fprint(w, err)
		}
	})}
	endpoint, _ := socket.ParseEndpoint("127.0.0.1:0")
	l, err := srv.Listen(endpoint)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	kept, err := sandbox(os.Args[1], nil, false)
	fmt.Println(l.Addr(), kept, err)
	go srv.Serve(l)
	io.Copy(io.Discard, os.Stdin) // until the test is over
}

// TestSandbox: what serves a folder can open nothing else, although it is asked
// to from inside.
func TestSandbox(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("Landlock is Linux's")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript runs this binary under the names that TestMain gave it.
	link := filepath.Join(t.TempDir(), "sandboxed")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	for _, file := range []string{filepath.Join(dir, "inside"), outside} {
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(link, dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	line, err := bufio.NewReader(out).ReadString('\n')
	address, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !strings.HasSuffix(rest, "<nil>") {
		t.Fatalf("%q, %v", line, err)
	}
	if rest == " <nil>" {
		t.Skip("this kernel has no Landlock")
	}
	ask := func(method, path string) string {
		t.Helper()
		req, _ := http.NewRequest(method, "http://"+address+path, nil)
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return string(text)
	}
	denied := errors.Unwrap(&fs.PathError{Err: fs.ErrPermission}).Error()
	for _, test := range []struct {
		method, path string
		allowed      bool
	}{
		{"GET", filepath.Join(dir, "inside"), true},
		{"GET", dir, true},
		{"GET", "/etc/passwd", false},
		{"GET", outside, false},
		{"GET", "/", false},
		{"POST", filepath.Join(dir, "new"), false},
		{"POST", outside, false},
		{"GET", "/run", false},
	} {
		got := ask(test.method, test.path)
		if test.allowed && got != "<nil>" || !test.allowed && !strings.Contains(got, denied) {
			t.Errorf("%s %s: %q, allowed %v", test.method, test.path, got, test.allowed)
		}
	}
	if strings.Contains(rest, "connects to nobody") {
		if got := ask("GET", "/connect/"+address); !strings.Contains(got, denied) {
			t.Errorf("connecting: %q", got)
		}
	}
}
