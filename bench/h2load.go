package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

var errNoH2load = errors.New("h2load, which makes the load for HTTP/2, is not installed: apt-get install nghttp2-client; " +
	"-only leaves these workloads out")

var h2Requests = regexp.MustCompile(`requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout`)

// runH2 asks for path over HTTP/2, with so many streams at once on each of
// conns connections. h2load tells no percentiles, and makes its own requests.
func (g *generator) runH2(address, path string, conns, streams int, duration time.Duration) (load, error) {
	var result load
	program, err := exec.LookPath("h2load")
	if err != nil {
		return result, errNoH2load
	}
	ctx, cancel := context.WithTimeout(context.Background(), duration+2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-c"+strconv.Itoa(conns), "-m"+strconv.Itoa(streams), "-t1",
		"-D"+strconv.Itoa(int(duration/time.Second)), "https://"+address+path)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := onCores([]int{g.core}, cmd.Start); err != nil {
		return result, fmt.Errorf("start h2load on core %d: %w", g.core, err)
	}
	if err := cmd.Wait(); err != nil {
		return result, fmt.Errorf("h2load: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	counts := h2Requests.FindSubmatch(out.Bytes())
	if counts == nil || !bytes.Contains(out.Bytes(), []byte("Application protocol: h2\n")) {
		return result, fmt.Errorf("h2load ended without a result: %q", out.String())
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(string(counts[i]), 10, 64) // digits, as matched
		return n
	}
	result.Requests = number(2)
	result.Status = number(2) - number(3)
	result.Timeout = number(6)
	result.Microseconds = duration.Microseconds()
	result.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return result, nil
}
