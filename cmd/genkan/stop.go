package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// drainTime is how long the requests under way may take after the first signal.
const drainTime = 10 * time.Second

// server is what stopping needs of a genkan.Server.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

// stoppedBySignal is the error of a program that a second signal ended.
type stoppedBySignal struct{ number int }

func (stopped stoppedBySignal) Error() string {
	return fmt.Sprintf("stopped at once by signal %d", stopped.number)
}

// stopSignals delivers what asks the program to stop: Ctrl-C, and SIGTERM, which
// is what kill and service managers send.
func stopSignals() (signals <-chan os.Signal, release func()) {
	channel := make(chan os.Signal, 2)
	signal.Notify(channel, os.Interrupt, syscall.SIGTERM)
	return channel, func() { signal.Stop(channel) }
}

// serve runs srv on all listeners until it fails or a signal asks it to stop.
// The first signal lets the requests under way finish, for drain at most; the
// second stops at once. It says on out what it waits for, and what it cuts.
func serve(srv server, listeners []net.Listener, signals <-chan os.Signal, drain time.Duration, requests *underway, out io.Writer) error {
	ended := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { ended <- srv.Serve(listener) }()
	}
	wait := func(running int) {
		for range running {
			<-ended
		}
	}
	select {
	case err := <-ended:
		closed := srv.Close()
		wait(len(listeners) - 1)
		if errors.Is(err, http.ErrServerClosed) {
			err = closed
		}
		return err
	case <-signals:
	}

	fmt.Fprintln(out, stopping(len(requests.list()), drain))
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- srv.Shutdown(ctx) }()
	select {
	case err := <-drained:
		if errors.Is(err, context.DeadlineExceeded) {
			fmt.Fprint(out, cut(requests.list(), drain, time.Now()))
			err = srv.Close()
		}
		wait(len(listeners))
		return err
	case again := <-signals:
		fmt.Fprintln(out, "Stopped at once.")
		_ = srv.Close() // the process ends now, and takes the rest with it
		return stoppedBySignal{signalNumber(again)}
	}
}

func signalNumber(s os.Signal) int {
	if number, ok := s.(syscall.Signal); ok {
		return int(number)
	}
	return int(syscall.SIGINT)
}

// stopping says what happens after the first signal.
func stopping(requests int, drain time.Duration) string {
	switch requests {
	case 0:
		return "Stopping."
	case 1:
		return fmt.Sprintf("Stopping: 1 request is under way and has %s. Ctrl-C again stops at once.", seconds(drain))
	}
	return fmt.Sprintf("Stopping: %d requests are under way and have %s. Ctrl-C again stops at once.", requests, seconds(drain))
}

// cut says what did not finish in time, one line per request.
func cut(requests []entry, drain time.Duration, now time.Time) string {
	if len(requests) == 0 {
		return fmt.Sprintf("Cut after %s: connections on which an answer was still being sent.\n", seconds(drain))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Cut after %s:\n", seconds(drain))
	for _, request := range requests {
		fmt.Fprintf(&text, "  %s %s from %s, which had taken %s\n",
			printable(request.Method), printable(request.Target), printable(request.Peer), durationText(now.Sub(request.Time)))
	}
	return text.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }
