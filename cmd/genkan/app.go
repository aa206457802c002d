package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/genkan-http/genkan/front"
)

// app is what watch stands before: somebody else's, or one that was started.
type app struct {
	target front.Target
	cmd    *exec.Cmd // nil: somebody else's
	ended  chan struct{}
	err    error // of Wait, once ended is closed

	mu      sync.Mutex
	stopped bool // by us
}

// appEnded is the error of an app that ended by itself; the program ends with
// its code.
type appEnded struct {
	words string
	code  int
}

func (e appEnded) Error() string { return e.words }

const (
	appListens = 60 * time.Second // an app may take to listen
	appStops   = 5 * time.Second  // and to stop, when asked to
)

// startApp starts a command with a free port in its environment, and waits
// until it listens there.
func startApp(command []string, console *console) (*app, error) {
	port, err := portForApp()
	if err != nil {
		return nil, err
	}
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = strings.NewReplacer("${PORT}", port, "$PORT", port).Replace(word)
	}
	target, err := front.ParseTarget("http://127.0.0.1:" + port)
	if err != nil {
		return nil, err
	}
	a := &app{target: target, cmd: exec.Command(words[0], words[1:]...), ended: make(chan struct{})}
	a.cmd.Env = append(os.Environ(), "PORT="+port, "HOST=127.0.0.1")
	a.cmd.Stdout, a.cmd.Stderr = console.err, console.err // standard output is the log's
	ownGroup(a.cmd)
	if err := a.cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, fmt.Errorf("%s: there is no such program", words[0])
		}
		return nil, err
	}
	go func() {
		a.err = a.cmd.Wait()
		close(a.ended)
	}()
	if err := a.await(); err != nil {
		a.stop()
		return nil, err
	}
	return a, nil
}

func portForApp() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// await polls until the app listens.
func (a *app) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), appListens)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := a.target.Dial(ctx); err == nil {
			return c.Close()
		}
		select {
		case <-a.ended:
			return a.verdict("before it listened at " + a.target.String() + " ($PORT)")
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen at %s ($PORT) after %s: does it look at PORT? A word '$PORT' in its command is replaced by the port",
				a.cmd.Args[0], a.target, seconds(appListens))
		case <-tick.C:
		}
	}
}

// verdict is how an app ended that nobody had asked to.
func (a *app) verdict(when string) error {
	code := exitFailed
	how := "ended"
	var exit *exec.ExitError
	switch {
	case errors.As(a.err, &exit) && exit.ExitCode() > 0:
		code = exit.ExitCode()
		how = "ended with code " + strconv.Itoa(code)
	case errors.As(a.err, &exit):
		how = "was ended: " + exit.String()
	case a.err == nil && when == "":
		code = 0
	}
	if when != "" {
		how += " " + when
	}
	return appEnded{a.cmd.Args[0] + " " + how, code}
}

// whenEnded calls f if the app ends by itself.
func (a *app) whenEnded(f func()) {
	if a.cmd == nil {
		return
	}
	go func() {
		<-a.ended
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.stopped {
			f()
		}
	}()
}

// stop asks a started app to stop, and makes it after a while. An error says
// that it had ended by itself. Called again it does nothing.
func (a *app) stop() error {
	if a.cmd == nil {
		return nil
	}
	a.mu.Lock()
	again := a.stopped
	a.stopped = true
	a.mu.Unlock()
	if again {
		return nil
	}
	select {
	case <-a.ended:
		return a.verdict("")
	default:
	}
	askToStop(a.cmd)
	select {
	case <-a.ended:
	case <-time.After(appStops):
		kill(a.cmd)
		<-a.ended
	}
	return nil
}
