package main

import (
	"bufio"
	"context"
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
	"sync"
	"testing"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
)

// sandboxed is a program of the tests: the server in the program's sandbox, with
// a handler that tries what nobody served by it should be able to.
//
//	sandboxed DIR ENDPOINT   answers METHOD /PATH with what trying it gives
func sandboxed() {
	srv := &genkan.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case r.Method == http.MethodPost:
			fmt.Fprint(w, os.WriteFile(path, nil, 0o600))
		case r.Method == http.MethodDelete:
			fmt.Fprint(w, os.Remove(path))
		case strings.HasPrefix(path, "/connect/"):
			_, err := net.Dial("tcp", strings.TrimPrefix(path, "/connect/"))
			fmt.Fprint(w, err)
		case strings.HasPrefix(path, "/run/"):
			fmt.Fprint(w, start(strings.TrimPrefix(path, "/run")))
		default:
			f, err := os.Open(path)
			if err == nil {
				f.Close()
			}
			fmt.Fprint(w, err)
		}
	})}
	endpoint, err := socket.ParseEndpoint(os.Args[2])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l, err := srv.Listen(endpoint)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	kept, err := sandbox(os.Args[1], false)
	if kept != "" {
		leavePaths([]place{{l, endpoint, l.SocketAddr()}})
	}
	fmt.Println(l.Addr(), kept, err)
	go srv.Serve(l)
	io.Copy(io.Discard, os.Stdin) // until the test is over
	if err := srv.Close(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// start runs a program, without the /dev/null that package exec would open for
// it: that is denied in the sandbox, and would hide whether running is.
func start(path string) error {
	process, err := os.StartProcess(path, []string{path}, &os.ProcAttr{})
	if err == nil {
		_, err = process.Wait()
	}
	return err
}

// cell is a sandboxed program that runs.
type cell struct {
	t       *testing.T
	address string // at which it listens
	kept    string // what sandbox said
	client  http.Client
	end     func() error // ends it; an error if it could not close well
}

// lockUp starts a sandboxed program that serves dir at endpoint until the
// test's end, at most.
func lockUp(t *testing.T, dir, endpoint string) *cell {
	t.Helper()
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
	cmd := exec.Command(link, dir, endpoint)
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
	c := &cell{t: t, end: sync.OnceValue(func() error { return errors.Join(in.Close(), cmd.Wait()) })}
	t.Cleanup(func() { c.end() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || !strings.HasSuffix(rest, "<nil>") {
		t.Fatalf("%q, %v", line, err)
	}
	if strings.TrimSpace(rest) == "<nil>" {
		t.Skip("this kernel has no Landlock")
	}
	c.address, c.kept = address, rest
	c.client.Transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		if filepath.IsAbs(address) {
			return net.Dial("unix", address)
		}
		return net.Dial("tcp", address)
	}}
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

// ask makes the program try something, and returns what that gave.
func (c *cell) ask(method, path string) string {
	c.t.Helper()
	req, err := http.NewRequest(method, "http://localhost"+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}

// denied is how the kernel refuses.
var denied = errors.Unwrap(&fs.PathError{Err: fs.ErrPermission}).Error()

// attempt is something that a handler tries.
type attempt struct {
	method, path string
	allowed      bool
}

func (c *cell) try(attempts ...attempt) {
	c.t.Helper()
	for _, a := range attempts {
		got := c.ask(a.method, a.path)
		if a.allowed && got != "<nil>" || !a.allowed && !strings.Contains(got, denied) {
			c.t.Errorf("%s %s: %q, allowed %v", a.method, a.path, got, a.allowed)
		}
	}
}

func writeFile(t *testing.T, path string, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSandbox: what serves a folder can open nothing else, although it is asked
// to from inside.
func TestSandbox(t *testing.T) {
	dir := t.TempDir()
	inside := writeFile(t, filepath.Join(dir, "inside"), "", 0o644)
	outside := writeFile(t, filepath.Join(t.TempDir(), "outside"), "", 0o644)
	bin, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	program := writeFile(t, filepath.Join(dir, "true"), string(bin), 0o755)
	// The loader that program wants is outside, so it would be denied even if
	// running it were not. Of this the kernel says that it is no program, but
	// only to those who may run it.
	formless := writeFile(t, filepath.Join(dir, "formless"), "no program", 0o755)
	c := lockUp(t, dir, "127.0.0.1:0")
	c.try(
		attempt{"GET", inside, true},
		attempt{"GET", dir, true},
		attempt{"GET", "/etc/passwd", false},
		attempt{"GET", outside, false},
		attempt{"GET", "/", false},
		attempt{"POST", filepath.Join(dir, "new"), false},
		attempt{"POST", outside, false},
		attempt{"DELETE", inside, false},
		attempt{"DELETE", outside, false},
		attempt{"GET", "/run/bin/true", false},
		attempt{"GET", "/run" + program, false},
		attempt{"GET", "/run" + formless, false},
	)
	if strings.Contains(c.kept, "connects to nobody") {
		if got := c.ask("GET", "/connect/"+c.address); !strings.Contains(got, denied) {
			t.Errorf("connecting: %q", got)
		}
	}
}

// TestSandboxUNIX: a UNIX socket beside or inside the served folder changes
// nothing of that. Its path stays at the end, which is no failure, and whoever
// listens there next takes it over.
func TestSandboxUNIX(t *testing.T) {
	for _, where := range []string{".", "site", "site/deep"} {
		t.Run(where, func(t *testing.T) {
			root := t.TempDir()
			site := filepath.Join(root, "site")
			if err := os.MkdirAll(filepath.Join(site, "deep"), 0o755); err != nil {
				t.Fatal(err)
			}
			served := writeFile(t, filepath.Join(site, "served"), "", 0o644)
			deep := writeFile(t, filepath.Join(site, "deep", "served"), "", 0o644)
			beside := writeFile(t, filepath.Join(root, "beside"), "", 0o644)
			path := filepath.Join(root, where, "s")
			c := lockUp(t, site, "unix:"+path)
			c.try(
				attempt{"GET", served, true},
				attempt{"DELETE", served, false},
				attempt{"DELETE", deep, false},
				attempt{"DELETE", beside, false},
				attempt{"DELETE", path, false},
				attempt{"GET", beside, false},
				attempt{"GET", root, false},
				attempt{"POST", served, false},
			)
			if err := c.end(); err != nil {
				t.Errorf("the program ended with %v", err)
			}
			if _, err := os.Stat(path); err != nil {
				t.Fatalf("the socket's path: %v; the program must not be able to remove it", err)
			}
			lockUp(t, site, "unix:"+path).try(attempt{"GET", served, true})
		})
	}
}
