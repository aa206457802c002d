package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed load.lua
var loadScript []byte

var errNoWrk = errors.New("wrk, which makes the load, is not installed: apt-get install wrk, dnf install wrk, " +
	"or https://github.com/wg/wrk")

// generator is wrk on its core.
type generator struct {
	program string
	folder  string // scratch: the script and the request
	core    int
}

func newGenerator(folder string, core int) (*generator, error) {
	program, err := exec.LookPath("wrk")
	if err != nil {
		return nil, errNoWrk
	}
	g := &generator{program, folder, core}
	return g, os.WriteFile(g.script(), loadScript, 0o644)
}

// on is the same generator on another core.
func (g *generator) on(core int) *generator {
	other := *g
	other.core = core
	return &other
}

func (g *generator) script() string { return filepath.Join(g.folder, "load.lua") }

// load is what wrk counted in one run, and what it used itself.
type load struct {
	Requests     int64
	Microseconds int64
	P99          int64 // microseconds
	Connect      int64 // failures, by what failed
	Read         int64
	Write        int64
	Status       int64 // answers of 400 and more
	Timeout      int64
	cpu          time.Duration // of wrk
}

func (l load) failures() int64 { return l.Connect + l.Read + l.Write + l.Status + l.Timeout }

// run sends request on each of conns connections, and again when its answers
// are there, for the duration.
func (g *generator) run(url string, conns int, duration time.Duration, request []byte) (load, error) {
	var result load
	file := filepath.Join(g.folder, "request")
	if err := os.WriteFile(file, request, 0o644); err != nil {
		return result, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), duration+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, g.program, "-t1", "-c"+strconv.Itoa(conns),
		"-d"+strconv.Itoa(int(duration/time.Second)), "-s", g.script(), url+"/", "--", file)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := onCores([]int{g.core}, cmd.Start); err != nil {
		return result, fmt.Errorf("start wrk on core %d: %w", g.core, err)
	}
	if err := cmd.Wait(); err != nil {
		return result, fmt.Errorf("wrk: %w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &result); err != nil {
		return result, fmt.Errorf("wrk ended without a result: %q", out.String())
	}
	result.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return result, nil
}

// wrkVersion is the first word after "wrk" of what wrk -v says.
func wrkVersion() string {
	out, _ := exec.Command("wrk", "-v").CombinedOutput() // ends with 1, having printed it
	if words := strings.Fields(string(out)); len(words) > 1 {
		return words[1]
	}
	return "of an unknown version"
}
