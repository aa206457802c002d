package genkantest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// patience is how long Close waits before it says what for. It is more than
// the time that a connection gets which has never asked for anything.
var patience = 6 * time.Second

// say tells the person who runs the test. Not through the server's ErrorLog,
// which tests like to silence.
var say = func(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "genkantest: "+format+"\n", args...)
}

// Close stops listening, closes the connections that rest, on both sides, and
// blocks until the outstanding requests have been answered and every goroutine
// of the server has returned. Waiting for long, it prints which requests these
// are, and where in the code their handlers stand, to the standard error, and
// waits on. Connections that a handler has hijacked are the handler's.
//
// Further calls wait too, and do nothing else.
func (s *Server) Close() {
	s.closed.Do(func() {
		defer s.Listener.Close() // last: Serve may be about to use it
		s.closeIdle()
		if s.served == nil {
			return // never started
		}
		report := time.AfterFunc(patience, func() { say("%s", s.outstanding()) })
		defer report.Stop()
		// No deadline, so no error.
		s.Config.Shutdown(context.Background())
		<-s.served
	})
}

// outstanding is what Close waits for, in words.
func (s *Server) outstanding() string {
	var b strings.Builder
	visits := s.desk.now()
	fmt.Fprintf(&b, "Close of %s has waited %v: connections open: %d, requests being answered: %d",
		s.URL, patience, s.Config.Conns(), len(visits))
	for _, v := range visits {
		fmt.Fprintf(&b, "\n\t%s %s from %s, for %v", v.method, v.target, v.remote, time.Since(v.began).Round(time.Millisecond))
	}
	if len(visits) == 0 {
		b.WriteString("\n\tno handler is at work: a client has begun a request and not ended it, or does not read its answer")
	}
	for _, stack := range handlerStacks() {
		b.WriteString("\n\n" + stack)
	}
	return b.String()
}

// handlerStacks is where the handlers of this package's servers stand: the
// stacks of those goroutines that came by a desk.
func handlerStacks() (found []string) {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.Contains(stack, "genkantest.(*desk).ServeHTTP(") {
			found = append(found, stack)
		}
	}
	return found
}
