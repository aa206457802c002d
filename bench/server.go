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

// server is a process that serves: this program's own, or a foreign one.
type server struct {
	name    string
	foreign bool
	scratch string // a foreign one's folder
	address string // host:port
	core    int    // the first that it may use
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  *bufio.Reader
}

// startServer starts this program again as a server on some cores: the Go
// runtime sees only those, and sets GOMAXPROCS to their number by itself.
// NAME+tls is a server that speaks TLS at its address.
func startServer(name, root string, cores ...int) (*server, error) {
	return startServerAt(name, root, "127.0.0.1:0", cores...)
}

// startServerAt is startServer at an address, for servers of this program.
func startServerAt(name, root, address string, cores ...int) (*server, error) {
	plain, secure := strings.CutSuffix(name, overTLS)
	if p := peerNamed(plain); p != nil && p.start == nil {
		return startForeign(p, root, secure, cores)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &server{name: name, core: cores[0], cmd: exec.Command(self, "serve", name, root, address)}
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

// pids are the processes of the server: of some the first one only watches.
func (s *server) pids() []int { return withChildren(s.cmd.Process.Pid) }

// used is the CPU time of all of its processes.
func (s *server) used() (sum time.Duration, err error) {
	for _, pid := range s.pids() {
		one, err := cpuTime(pid)
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}

// memory is what all of its processes hold.
func (s *server) memory() (sum memory, err error) {
	for _, pid := range s.pids() {
		one, err := memoryOf(pid)
		if err != nil {
			return sum, err
		}
		sum.resident += one.resident
		sum.dirty += one.dirty
	}
	return sum, nil
}

// collect has the server collect its garbage and give the memory back; foreign
// ones do as they do.
func (s *server) collect() error {
	if s.foreign {
		return nil
	}
	if _, err := fmt.Fprintln(s.stdin, collect); err != nil {
		return fmt.Errorf("server %s: %w", s.name, err)
	}
	if line, err := s.reply(collected); err != nil {
		return fmt.Errorf("server %s did not collect its garbage, but said %q (%v)", s.name, line, err)
	}
	return nil
}

// reply is the next line that begins so. Some servers write their log to the same
// output: those lines are passed over.
func (s *server) reply(begin string) (line string, err error) {
	for err == nil && !strings.HasPrefix(line, begin) {
		line, err = s.stdout.ReadString('\n')
	}
	return line, err
}

// heap is what a server of this program has allocated since it began.
type heap struct{ objects, bytes uint64 }

// heap of a foreign one is not known: nothing.
func (s *server) heap() (h heap, err error) {
	if s.foreign {
		return h, nil
	}
	if _, err := fmt.Fprintln(s.stdin, heapAsked); err != nil {
		return h, fmt.Errorf("server %s: %w", s.name, err)
	}
	line, err := s.reply(heapIs)
	if err == nil {
		_, err = fmt.Sscanf(line, heapIs+"%d %d", &h.objects, &h.bytes)
	}
	if err != nil {
		return h, fmt.Errorf("server %s did not tell of its heap, but said %q: %w", s.name, line, err)
	}
	return h, nil
}

// stop ends the process. An error says that it had not served well until then.
func (s *server) stop() error {
	if s.foreign {
		return s.stopForeign()
	}
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
