package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

const explanation = `CPU is the time that the server's process used, user and system, for each
request; × is that divided by net/http's in the same workload. Both are
medians of the rounds, in which the servers had their turns one after the
other. "Server" and "wrk" say how much of its core each used: where wrk used
all of its own, requests/s is wrk's limit and not the server's. The p99 is
wrk's, which knows none for pipelined requests. Every answer was compared
with what it must be before the load, and once more after it. Each server
runs with its own defaults: Genkan's time limits are on, the other servers in
Go have none. Programs of their own (foreign.go) have one worker and no log;
CPU is of all their processes. gnet and the floors speak no HTTP: they look for the
end of a head and give a canned answer. The servers in Go are one program, so
each one's collector also scans the variables of the others' packages, less
than 1 MiB.
`

// markdown is the file with everything in it.
func (r *report) markdown() string {
	var b strings.Builder
	b.WriteString("# What a request costs\n\nWritten by the program in this folder; not to be edited.\n\n")
	r.circumstances(&b)
	b.WriteString("\n" + explanation)
	if len(r.sections) > 0 {
		fmt.Fprintf(&b, "\n![CPU time per request, a panel a workload](%s)\n", filepath.Base(plotFile(r.out)))
		b.WriteString("\n| workload | server | CPU µs/request | × net/http | requests/s | p99 | server | wrk |\n" +
			"|---|---|--:|--:|--:|--:|--:|--:|\n")
		for _, s := range r.sections {
			for _, one := range s.rows {
				fmt.Fprintf(&b, "| %s | %s | %.2f | %s | %.0f | %s | %.0f %% | %.0f %% |\n", s.name, one.label,
					one.perRequest, one.ratioText(), one.perSecond, duration(one.p99), 100*one.busy, 100*one.generator)
			}
		}
		b.WriteString("\nThe workloads:\n\n")
		for _, s := range r.sections {
			fmt.Fprintf(&b, "* **%s**: %s\n", s.name, s.what)
		}
	}
	r.resting(&b)
	if err := r.failure(); err != nil {
		fmt.Fprintf(&b, "\n**These numbers do not count:** %v\n", err)
	}
	return b.String()
}

// resting is the table of what idle connections cost.
func (r *report) resting(b *strings.Builder) {
	if len(r.idle) == 0 {
		return
	}
	fmt.Fprintf(b, "\nMemory of a connection that rests after one request, in bytes.\n"+
		"Private: growth of Private_Dirty between two collections of garbage. Resident: growth\n"+
		"of VmRSS as the load left it, garbage included. Without what the kernel keeps.\n\n"+
		"| server | connections | private | resident |\n|---|--:|--:|--:|\n")
	for _, one := range r.idle {
		fmt.Fprintf(b, "| %s | %d | %.0f | %.0f |\n", one.label, one.conns, one.dirty, one.resident)
	}
}

// circumstances are what someone needs who wants the same numbers.
func (r *report) circumstances(b *strings.Builder) {
	command := strings.Join(append([]string{"go run ."}, r.args...), " ")
	for _, line := range [][2]string{
		{"command", "`" + command + "`"},
		{"rounds", fmt.Sprintf("%d of %v each", r.rounds, r.duration)},
		{"machine", fmt.Sprintf("%s, %d cores; server on core %d, wrk on core %d", processor(), runtime.NumCPU(), r.cpus[0], r.cpus[1])},
		{"kernel", kernel()},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{"Genkan", revision()},
		{"servers", strings.Join(r.versions(), ", ")},
		{"wrk", wrkVersion()},
	} {
		fmt.Fprintf(b, "* %s: %s\n", line[0], line[1])
	}
	for _, why := range r.absent {
		fmt.Fprintf(b, "* not compared: %s\n", why)
	}
}

// versions are the servers that were compared, with their versions.
func (r *report) versions() (list []string) {
	modules := map[string]string{
		"fasthttp": "github.com/valyala/fasthttp", "fiber": "github.com/gofiber/fiber/v2",
		"hertz": "github.com/cloudwego/hertz", "nbio": "github.com/lesismal/nbio", "gnet": "github.com/panjf2000/gnet/v2",
	}
	for _, name := range r.servers {
		p := peerNamed(name)
		switch module, is := modules[name]; {
		case is:
			name += " " + version(module)
		case p.start == nil:
			out, _ := exec.Command(p.program, p.version...).CombinedOutput()
			line, _, _ := strings.Cut(string(out), "\n")
			name += " (" + strings.TrimSpace(line) + ")"
		}
		list = append(list, name)
	}
	return list
}

// version is the version of a module that this program was built with.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, dep := range info.Deps {
			if dep.Path == module {
				return dep.Version
			}
		}
	}
	return "of an unknown version"
}

// revision is the commit that is measured: Genkan is the folder above.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "not in a git clone"
	}
	return "commit " + strings.TrimSpace(string(out))
}
