package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// server is a process of this program that serves.
type server struct {
	name    string
	address string // host:port
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

// startServer starts this program again as a server on some cores: the Go
// runtime sees only those, and sets GOMAXPROCS to their number by itself.
func startServer(name, root string, cores ...int) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{name: name, cmd: exec.Command(self, "serve", name, root)}
	s.cmd.Stderr = os.Stderr
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.stdout = bufio.NewReader(out)
	if err := onCores(cores, s.cmd.Start); err != nil {
		return nil, fmt.Errorf("start server %s on cores %d: %w", name, cores, err)
	}
	line, err := s.stdout.ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), listening)
	if err != nil || !found {
		s.stop()
		return nil, fmt.Errorf("server %s did not say where it listens, but %q", name, line)
	}
	s.address = address
	return s, nil
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// collect has the server collect its garbage and give the memory back.
func (s *server) collect() error {
	if _, err := fmt.Fprintln(s.stdin, collect); err != nil {
		return fmt.Errorf("server %s: %w", s.name, err)
	}
	line, err := s.stdout.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != collected {
		return fmt.Errorf("server %s did not collect its garbage, but said %q (%v)", s.name, line, err)
	}
	return nil
}

// stop ends the process. An error says that it had not served well until then.
func (s *server) stop() error {
	s.stdin.Close()
	late := time.AfterFunc(5*time.Second, func() { s.cmd.Process.Kill() })
	err := s.cmd.Wait()
	if !late.Stop() {
		err = errors.New("did not end within 5 s of the end of its input")
	}
	if err != nil {
		return fmt.Errorf("server %s: %w", s.name, err)
	}
	return nil
}
