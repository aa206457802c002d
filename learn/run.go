package learn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// RunOptions say where a step runs and to whom it talks.
type RunOptions struct {
	// Port is the port of a step that has one; 0 lets the kernel choose.
	Port int

	// Out gets what the step itself prints; nil: nobody does. Writes come
	// one at a time, though steps may have several goroutines.
	Out io.Writer

	// Lang is the language of errors: "ja", or English.
	Lang string

	// Ready, if not nil, is called once, when the step waits for clients,
	// with the addresses at which it does; step 0 has none.
	Ready func(addrs []socket.Addr)

	stopping func() // called when the step is about to be stopped
}

// Run runs the step on k until ctx ends; then it returns nil, at once, with
// every descriptor closed, whatever its clients are doing. Otherwise it
// returns what stopped it: an error that says in o.Lang what to do about it
// and unwraps to the kernel's.
func (s Step) Run(ctx context.Context, k socket.Kernel, o RunOptions) error {
	return s.run(ctx, k, k, o)
}

// run is Run; what stops the step, and asks for its addresses, calls below.
func (s Step) run(ctx context.Context, k, below socket.Kernel, o RunOptions) error {
	if o.Port < 0 || o.Port > 65535 {
		return fmt.Errorf(in(o.Lang, "ポート %d はありません。--port には1から65535を指定してください",
			"there is no port %d: --port takes 1 to 65535"), o.Port)
	}
	if ctx.Err() != nil {
		return nil
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	stop := newStopper(k, below, o.Ready)
	stop.stopping = o.stopping
	defer stop.release()
	defer context.AfterFunc(ctx, stop.stop)()

	wait := func() {
		if o.Ready != nil {
			o.Ready(nil)
		}
		<-ctx.Done()
	}
	err := s.serve(stop, uint16(o.Port), &oneByOne{w: o.Out}, wait)
	if ctx.Err() != nil {
		stop.stop() // again, if need be: it must have ended before release
		return nil
	}
	return s.explain(err, o)
}

// oneByOne lets one Write in at a time.
type oneByOne struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneByOne) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

// explained is an error with advice.
type explained struct {
	advice string
	err    error
}

func (e *explained) Error() string { return e.err.Error() + "\n" + e.advice }
func (e *explained) Unwrap() error { return e.err }

// explain adds to the errors that a learner is likely to meet what to do.
func (s Step) explain(err error, o RunOptions) error {
	advice := ""
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		advice = in(o.Lang,
			"この OS では、genkan learn はまだソケットを直接呼べません。Windows なら WSL の中で試してください: wsl genkan learn %d",
			"On this system genkan learn cannot call sockets directly. On Windows, run it inside WSL: wsl genkan learn %d")
		advice = fmt.Sprintf(advice, s.Number)
	case errors.Is(err, syscall.EADDRINUSE):
		advice = in(o.Lang,
			"ポート %d は使用中です(別の端末で genkan learn が動いていませんか)。そちらを止めるか、別のポートを指定してください: genkan learn %d --port %d",
			"Port %d is taken (is genkan learn running in another terminal?). Stop that, or take another port: genkan learn %d --port %d")
		advice = fmt.Sprintf(advice, o.Port, s.Number, another(o.Port))
	case errors.Is(err, syscall.EACCES):
		advice = in(o.Lang,
			"ポート %d を使うには管理者の権限が要ります。1024以上のポートを指定してください: genkan learn %d --port %d",
			"Port %d is for the administrator. Take one from 1024 up: genkan learn %d --port %d")
		advice = fmt.Sprintf(advice, o.Port, s.Number, Port)
	default:
		return err
	}
	return &explained{advice, err}
}

// another is a port to suggest instead of one that is taken.
func another(port int) int {
	if port >= 65535 {
		return Port
	}
	return port + 1
}
