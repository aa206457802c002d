package learn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

// LiveOptions say how a step is shown while it runs.
type LiveOptions struct {
	Port  int    // 0: Port, the port of the notes
	Lang  string // "ja", or English
	Color bool   // for a terminal that knows ANSI colours

	Kernel socket.Kernel // nil: socket.OS
}

// Live is what `genkan learn N` does: it says what is new and what to type,
// runs the step, and writes each system call with its arguments, its result
// and its time when it has returned. When ctx ends (Ctrl-C) it says what comes
// next and returns nil; otherwise it returns what Run returns.
func Live(ctx context.Context, w io.Writer, s Step, o LiveOptions) error {
	if o.Port == 0 {
		o.Port = Port
	}
	if o.Kernel == nil {
		o.Kernel = socket.OS
	}
	text := atPort(s.Text(o.Lang), o.Port)
	for n := range sectionNext {
		if err := render(w, section(text, n)+"\n", o.Color); err != nil {
			return err
		}
	}

	screen := &oneByOne{w: w}
	show := &calls{w: screen, start: time.Now(), color: o.Color}
	tap := trace.NewTap(o.Kernel, show.event, 80)
	show.say(rule(in(o.Lang, "サーバーの画面（Ctrl-C で終わり）", "the server's screen (Ctrl-C ends it)")))
	show.say(in(o.Lang, "動き出してからの時間、呼び出し、<かかった時間>", "time since the start, the call, <how long it took>"))
	err := s.run(ctx, tap, o.Kernel, RunOptions{
		Port: o.Port,
		Out:  screen,
		Lang: o.Lang,
		Ready: func([]socket.Addr) {
			show.say(in(o.Lang, "待っています…", "waiting…"))
		},
		stopping: func() {
			if s.Number > 0 { // step 0 makes no call that waits
				show.say(in(o.Lang, "Ctrl-C: shutdown(2) で、待っている呼び出しを起こします", "Ctrl-C: shutdown(2) wakes the call that waits"))
			}
		},
	})
	if err != nil {
		return err
	}
	show.say(rule(""))
	if err := render(screen, section(text, sectionNext)+"\n", o.Color); err != nil {
		return err
	}
	if s.Number+1 < len(Steps()) {
		_, err = fmt.Fprintf(screen, "    genkan learn %d\n", s.Number+1)
	}
	return err
}

// rule is a line across, with words.
func rule(words string) string {
	if words != "" {
		words = " " + words + " "
	}
	used := 2
	for _, r := range words {
		used += columnsOf(r)
	}
	return "──" + words + strings.Repeat("─", max(0, columns-used))
}

// calls writes events as lines.
type calls struct {
	w     io.Writer
	start time.Time
	color bool
}

func (c *calls) event(e trace.Event) {
	style := ""
	if e.Err != nil && !errors.Is(e.Err, socket.ErrAgain) {
		style = styleError
	}
	at := e.Time.Add(e.Took).Sub(c.start)
	line := fmt.Sprintf("%s %s %s",
		c.paint(styleDim, fmt.Sprintf("%8.3f s ", at.Seconds())),
		c.paint(style, watch.Call(e)),
		c.paint(styleDim, "<"+duration(e.Took)+">"))
	if e.Verb == trace.Close && e.Conn != 0 {
		line += "\n"
	}
	fmt.Fprintln(c.w, line)
}

func (c *calls) say(words string) {
	fmt.Fprintln(c.w, c.paint(styleDim, words))
}

func (c *calls) paint(style, s string) string {
	if !c.color || style == "" {
		return s
	}
	return style + s + styleOff
}

// duration has three figures at most, in the unit that fits.
func duration(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
