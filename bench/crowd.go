package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

// "go run . crowd" asks what resting connections cost those that are busy: 64
// connections ask all the time, alone, and again beside as many resting ones
// as the processes may hold. With several server processes all listen on one
// port (SO_REUSEPORT), and as many clients hold the other ends, each from an
// address of its own in 127.0.0.0/8, because one has 28,000 ports.

type crowdOptions struct {
	processes int
	each      int
	duration  time.Duration
	rounds    int
	out       string
}

func crowd(args []string, out io.Writer) error {
	if supported != nil {
		return supported
	}
	var o crowdOptions
	flags := flag.NewFlagSet("bench crowd", flag.ContinueOnError)
	flags.IntVar(&o.processes, "processes", 1, "server processes on one port")
	flags.IntVar(&o.each, "each", 15000, "resting connections for each of them")
	flags.IntVar(&o.rounds, "rounds", 3, "how often the busy ones are measured; the median counts")
	flags.DurationVar(&o.duration, "duration", 2*time.Second, "of each measurement, in whole seconds")
	flags.StringVar(&o.out, "out", "", "add a row to this Markdown file; empty: nowhere")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if o.processes < 1 || o.each < 1 || o.rounds < 1 {
		return errors.New("crowd: -processes, -each and -rounds are at least 1")
	}
	if o.duration < time.Second || o.duration%time.Second != 0 {
		return fmt.Errorf("-duration %v: wrk takes whole seconds, at least 1s", o.duration)
	}
	if _, err := idleConns(o.each); err != nil {
		return err
	}
	return o.measure(out)
}

// busy is what the connections that ask see.
type busy struct{ p99, perRequest, perSecond float64 }

func (o crowdOptions) measure(out io.Writer) (err error) {
	root, err := os.MkdirTemp("", "genkan-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := writeFiles(root); err != nil {
		return err
	}
	first, second := twoCores()
	gen, err := newGenerator(root, second)
	if err != nil {
		return err
	}
	servers, err := o.servers(root, first)
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.stop())
		}
	}()
	if err != nil {
		return err
	}
	w := workloads()[0]
	request, err := w.prepare(servers[0].address, w.paths[0].path)
	if err != nil {
		return err
	}
	alone, err := o.busy(gen, servers, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "alone: p99 %s, %.2f µs CPU, %.0f requests/s\n", duration(alone.p99), alone.perRequest, alone.perSecond)
	before, err := memoryOfAll(servers)
	if err != nil {
		return err
	}
	free := available()
	holders, err := o.hold(servers[0].address, second)
	defer func() {
		for _, h := range holders {
			err = errors.Join(err, h.stop())
		}
	}()
	if err != nil {
		return err
	}
	after, err := memoryOfAll(servers)
	if err != nil {
		return err
	}
	held := o.processes * o.each
	kernel := float64(free-available()) / float64(held)
	fmt.Fprintf(out, "%d connections rest: %.0f bytes each in the servers, about %.0f of the machine's for both ends\n",
		held, each(after.dirty-before.dirty, held), kernel)
	beside, err := o.busy(gen, servers, request)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "beside them: p99 %s, %.2f µs CPU, %.0f requests/s\n", duration(beside.p99), beside.perRequest, beside.perSecond)
	if o.out == "" {
		return nil
	}
	return o.addRow(fmt.Sprintf("| %d | %d | %.0f | %.0f | %s | %s | %.2f | %.2f |\n", o.processes, held,
		each(after.dirty-before.dirty, held), kernel, duration(alone.p99), duration(beside.p99), alone.perRequest, beside.perRequest))
}

// addRow begins the file with its explanation if it is not there.
func (o crowdOptions) addRow(row string) error {
	text, err := os.ReadFile(o.out)
	if errors.Is(err, os.ErrNotExist) {
		text, err = []byte("# Resting connections beside busy ones\n\nRows are added by `go run . crowd -processes N -out "+o.out+
			"` in this folder.\n\n64 connections ask for a plain answer, first alone, then beside connections that\nrest after one request. "+
			"Memory: growth of the servers' Private_Dirty, and of all\nthat the machine has in use, for each resting connection, both ends of it, the\nholder's program too.\n\n* kernel: "+
			kernel()+"\n* Go: "+runtime.Version()+"\n* machine: "+processor()+"\n\n"+
			"| processes | resting | server, bytes each | machine, bytes each | p99 alone | p99 beside | µs CPU alone | µs CPU beside |\n|--:|--:|--:|--:|--:|--:|--:|--:|\n"), nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(o.out, append(text, row...), 0o644)
}

// servers starts all of them on the port that the first one gets.
func (o crowdOptions) servers(root string, core int) (list []*server, err error) {
	address := "127.0.0.1:0"
	for range o.processes {
		s, err := startServerAt("genkan"+onSharedPort, root, address, core)
		if err != nil {
			return list, err
		}
		list = append(list, s)
		address = s.address
	}
	return list, nil
}

// busy measures 64 connections that ask.
func (o crowdOptions) busy(gen *generator, servers []*server, request []byte) (b busy, err error) {
	var p99, cpu, rate []float64
	for range o.rounds {
		before, err := usedByAll(servers)
		if err != nil {
			return b, err
		}
		one, err := gen.run("http://"+servers[0].address, 64, o.duration, request)
		if err != nil {
			return b, err
		}
		if one.failures() > 0 {
			return b, fmt.Errorf("%d of the busy connections' requests failed", one.failures())
		}
		after, err := usedByAll(servers)
		if err != nil {
			return b, err
		}
		s := sample{load: one, cpu: after - before}
		p99, cpu, rate = append(p99, float64(one.P99)), append(cpu, s.perRequest()), append(rate, s.perSecond())
	}
	return busy{median(p99), median(cpu), median(rate)}, nil
}

func usedByAll(servers []*server) (sum time.Duration, err error) {
	for _, s := range servers {
		one, err := s.used()
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}

func memoryOfAll(servers []*server) (sum memory, err error) {
	for _, s := range servers {
		one, err := settled(s)
		if err != nil {
			return sum, err
		}
		sum.dirty += one.dirty
		sum.resident += one.resident
	}
	return sum, nil
}

// holder is a process that holds the clients' ends.
type holder struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
}

func (h *holder) stop() error {
	h.stdin.Close()
	return h.cmd.Wait()
}

// hold starts a holder for each process and waits until all have their
// connections.
func (o crowdOptions) hold(address string, core int) (list []*holder, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for i := range o.processes {
		source := net.IPv4(127, 1, byte(i>>8), byte(i&0xff)|1).String()
		if i&1 == 1 {
			source = net.IPv4(127, 2, byte(i>>8), byte(i&0xff)).String()
		}
		h := &holder{cmd: exec.Command(self, "hold", address, strconv.Itoa(o.each), source)}
		h.cmd.Stderr = os.Stderr
		if h.stdin, err = h.cmd.StdinPipe(); err != nil {
			return list, err
		}
		said, err := h.cmd.StdoutPipe()
		if err != nil {
			return list, err
		}
		if err := onCores([]int{core}, h.cmd.Start); err != nil {
			return list, err
		}
		list = append(list, h)
		if line, err := bufio.NewReader(said).ReadString('\n'); line != holding {
			return list, fmt.Errorf("holder %d of %d: %q, %v", i+1, o.processes, line, err)
		}
	}
	return list, nil
}

const holding = "holding\n"

// holdOpen is the process of a holder: "hold ADDRESS N SOURCE".
func holdOpen(args []string) error {
	if len(args) != 3 {
		return errors.New("hold: usage: hold ADDRESS N SOURCE")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(args[2])}, Control: portByConnect}
	w := workloads()[0]
	request := w.bytesFor(args[0], "/plain", "")
	reader := bufio.NewReader(nil)
	conns := make([]net.Conn, 0, n)
	for len(conns) < n {
		c, err := dialer.Dial("tcp", args[0])
		if err != nil {
			return fmt.Errorf("hold: connection %d: %w", len(conns)+1, err)
		}
		conns = append(conns, c)
		if err := w.askOn(c, reader, request); err != nil {
			return fmt.Errorf("hold: connection %d: %w", len(conns), err)
		}
	}
	fmt.Print(holding)
	_, err = io.Copy(io.Discard, os.Stdin)
	for _, c := range conns {
		c.(*net.TCPConn).SetLinger(0) // a reset: the next run needs the port
		c.Close()
	}
	return err
}
