//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServeInherited starts the program as systemd does: with a TCP and a UNIX
// socket open, and LISTEN_FDS.
func TestServeInherited(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.txt"), []byte("from genkan"), 0o666); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()

	child := program(t, `LISTEN_PID=$$ exec genkan serve "$0"`, folder)
	child.Env = append(child.Env, "LISTEN_FDS=2", "LISTEN_FDNAMES=web:local")
	for _, l := range []interface{ File() (*os.File, error) }{tcp.(*net.TCPListener), local.(*net.UnixListener)} {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		child.ExtraFiles = append(child.ExtraFiles, f)
	}
	address := tcp.Addr().String()
	tcp.Close() // here: the socket lives on in the child alone
	said := &transcript{}
	child.Stdout, child.Stderr = said, said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	said.await(t, "Listening at what LISTEN_FDS has left: "+address+" (web), unix:"+path+" (local).\n")
	for _, c := range []struct{ network, address string }{{"tcp", address}, {"unix", path}} {
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, c.network, c.address)
			}}}
		res, err := client.Get("http://localhost/a.txt")
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		if body, err := io.ReadAll(res.Body); string(body) != "from genkan" {
			t.Errorf("over %s: %q, %v", c.network, body, err)
		}
		res.Body.Close()
	}
	child.Process.Signal(os.Interrupt)
	err = child.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the program removed a path that is not its own: %v", err)
	}
}

// TestServeInheritedWrong: what is left is not what it should be, and the
// program says so instead of listening elsewhere.
func TestServeInheritedWrong(t *testing.T) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, c := range []struct{ env, want string }{
		{"LISTEN_FDS=1", "inherit fd 3"},
		{"LISTEN_FDS=many", `LISTEN_FDS="many"`},
	} {
		child := program(t, `LISTEN_PID=$$ exec genkan serve "$0"`, t.TempDir())
		child.Env = append(child.Env, c.env)
		child.ExtraFiles = []*os.File{file}
		out, err := child.CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, %s\nwant it to say %q", c.env, err, out, c.want)
		}
	}
}

// program is a shell that runs a script in which genkan is this program.
func program(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "genkan")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", script}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LANG=C.UTF-8")
	return cmd
}
