package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// "go run . calls" counts instead of timing: the system calls of each request,
// by strace(1), and the allocations of those servers that are part of this
// program. Counts hardly depend on the machine or on what else it does.

// counted is what one contestant did for each request of a workload.
type counted struct {
	label   string
	calls   []call // the most frequent first
	objects float64
	bytes   float64
	counts  bool // objects and bytes are known
}

// call is a system call and how often it was made for each request.
type call struct {
	name string
	each float64
}

func (c counted) sum() (sum float64) {
	for _, one := range c.calls {
		sum += one.each
	}
	return sum
}

// calls is the subcommand.
func calls(args []string, out io.Writer) error {
	o := options{rounds: 1, duration: time.Second}
	first, second := twoCores()
	o.cpus = [2]int{first, second}
	flags := flag.NewFlagSet("bench calls", flag.ContinueOnError)
	only := flags.String("only", "", "count the workloads that match this `regexp`")
	servers := flags.String("servers", strings.Join(serverNames, ","), "count of these, a comma between them")
	flags.StringVar(&o.out, "out", "RESULTS-CALLS.md", "write the Markdown here; empty: nowhere")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return fmt.Errorf("-only: %v", err)
	}
	o.servers = strings.Split(*servers, ",")
	if err := o.choose(flags); err != nil {
		return err
	}
	if supported != nil {
		return supported
	}
	if _, err := exec.LookPath("strace"); err != nil {
		return errors.New("strace, which counts the system calls, is not installed: apt-get install strace")
	}
	return count(o, args, out)
}

// count measures and writes.
func count(o options, args []string, out io.Writer) error {
	scratch, err := os.MkdirTemp("", "genkan-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := writeFiles(scratch); err != nil {
		return err
	}
	gen, err := newGenerator(scratch, o.cpus[1])
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# What a request asks of the kernel and of the heap\n\nWritten by `go run . " +
		strings.Join(append([]string{"calls"}, args...), " ") + "` in this folder; not to be edited.\n\n" +
		"System calls for each request, counted by strace(1) on all threads and\n" +
		"processes of the server; objects and bytes allocated for each request, of the\n" +
		"servers in Go, by the runtime's own counters. Calls below 0.05 are left out of\n" +
		"the list. Waiting (epoll, futex) depends on the load and on strace's slowness.\n\n" +
		"* Go: " + runtime.Version() + "\n* kernel: " + kernel() + "\n* Genkan: " + revision() + "\n" +
		"* servers: " + strings.Join(newReport(o, args).versions(), ", ") + "\n\n" +
		"| workload | server | calls | which | objects | bytes |\n|---|---|--:|---|--:|--:|\n")
	for _, w := range workloads() {
		if !o.only.MatchString(w.name) {
			continue
		}
		for _, c := range w.paths {
			if !slices.Contains(o.servers, c.server) {
				continue
			}
			one, err := w.count(o, gen, scratch, c)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", w.name, c.label, err)
			}
			row := one.row(w.name)
			fmt.Fprint(out, row)
			b.WriteString(row)
		}
	}
	if o.out == "" {
		return nil
	}
	return os.WriteFile(o.out, []byte(b.String()), 0o644)
}

// row is one line of the table.
func (c counted) row(workload string) string {
	var which []string
	for _, one := range c.calls {
		if one.each >= 0.05 {
			which = append(which, fmt.Sprintf("%s %.1f", one.name, one.each))
		}
	}
	objects, size := "", ""
	if c.counts {
		objects, size = fmt.Sprintf("%.1f", c.objects), fmt.Sprintf("%.0f", c.bytes)
	}
	return fmt.Sprintf("| %s | %s | %.1f | %s | %s | %s |\n", workload, c.label, c.sum(), strings.Join(which, ", "), objects, size)
}

// count runs one contestant under strace.
func (w *workload) count(o options, gen *generator, root string, c contestant) (one counted, err error) {
	one.label = c.label
	srv, err := startServer(w.serverName(c), root, o.cpus[0])
	if err != nil {
		return one, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	request, err := w.prepare(srv.address, c.path)
	if err != nil {
		return one, err
	}
	s := &standing{contestant: c, srv: srv, request: request}
	if _, err := w.load(gen, s, time.Second); err != nil {
		return one, err
	}
	before, err := srv.heap()
	if err != nil {
		return one, err
	}
	var done load
	table, err := straced(srv.pids(), filepath.Join(root, "strace"), func() (err error) {
		done, err = w.load(gen, s, o.duration)
		return err
	})
	if err != nil {
		return one, err
	}
	after, err := srv.heap()
	if err != nil {
		return one, err
	}
	requests := float64(max(done.Requests, 1))
	if one.calls, err = parseStrace(table, requests); err != nil {
		return one, err
	}
	one.counts = !srv.foreign
	one.objects, one.bytes = float64(after.objects-before.objects)/requests, float64(after.bytes-before.bytes)/requests
	return one, nil
}

// straced is strace's table of what the processes called during f.
func straced(pids []int, file string, f func() error) ([]byte, error) {
	args := []string{"-f", "-c", "-U", "calls,name", "-o", file}
	for _, pid := range pids {
		args = append(args, "-p", strconv.Itoa(pid))
	}
	cmd := exec.Command("strace", args...)
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// It says "Process N attached" when it has begun.
	first := make([]byte, 1)
	if _, err := io.ReadFull(said, first); err != nil {
		cmd.Wait()
		return nil, fmt.Errorf("strace ended at once: %w: may processes be traced here (ptrace_scope)?", err)
	}
	var rest bytes.Buffer
	drained := make(chan struct{})
	go func() { io.Copy(&rest, said); close(drained) }()
	ferr := f()
	cmd.Process.Signal(os.Interrupt)
	<-drained
	if err := cmd.Wait(); err != nil && !strings.Contains(rest.String(), "detached") {
		return nil, fmt.Errorf("strace: %w: %s%s", err, first, bytes.TrimSpace(rest.Bytes()))
	}
	if ferr != nil {
		return nil, ferr
	}
	return os.ReadFile(file)
}

// parseStrace reads "calls syscall" rows, the header and the total left out.
func parseStrace(table []byte, requests float64) (list []call, err error) {
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[len(words)-1] == "total" {
			continue
		}
		n, err := strconv.Atoi(words[0])
		if err != nil {
			continue // the header, or its rule
		}
		list = append(list, call{words[len(words)-1], float64(n) / requests})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("strace gave no table, but %q", table)
	}
	slices.SortFunc(list, func(a, b call) int {
		switch {
		case a.each > b.each:
			return -1
		case a.each < b.each:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return list, nil
}
