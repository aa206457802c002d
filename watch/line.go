package watch

import (
	"fmt"

	"github.com/genkan-http/genkan/trace"
)

// The left side of the lines, and their colours.

const (
	colorNone  = ""
	colorNews  = "\x1b[2m"  // "*": faint
	colorIn    = "\x1b[36m" // received: cyan
	colorOut   = "\x1b[32m" // sent: green
	colorCall  = "\x1b[33m" // yellow
	colorError = "\x1b[31m"
	colorLoss  = "\x1b[1;31m"
	colorEnd   = "\x1b[0m"
)

// addLine writes one line of level 1; text is already fit to be shown.
func (p *Printer) addLine(e *trace.Event, mark byte, text string) {
	color := colorNone
	switch mark {
	case '*':
		color = colorNews
	case '<', '{':
		color = colorIn
	case '>', '}':
		color = colorOut
	}
	p.addPrefix(e, "")
	p.paint(color, func() {
		p.buf = append(p.buf, mark)
		if text != "" {
			p.buf = append(p.buf, ' ')
			p.buf = append(p.buf, text...)
		}
	})
	p.buf = append(p.buf, '\n')
}

func (p *Printer) addLinef(e *trace.Event, format string, args ...any) {
	p.addLine(e, '*', fmt.Sprintf(format, args...))
}

// addPrefix says whose line it is, and at level 2 when and how long. The
// columns have room for a day and for a million connections.
func (p *Printer) addPrefix(e *trace.Event, took string) {
	name := ""
	if e.Conn != 0 {
		name = fmt.Sprintf("[%d]", e.Conn)
	}
	if p.o.Level < 2 {
		if name != "" {
			p.buf = append(append(p.buf, name...), ' ')
		}
		return
	}
	p.addf("%12.6f  %-5s %s%s  ", e.Time.Sub(p.start).Seconds(), name, pad(took, 7), took)
}

// pad is what to put before s; %7s counts bytes, and µ has two.
func pad(s string, width int) string {
	return fmt.Sprintf("%*s", max(width-len([]rune(s)), 0), "")
}

func (p *Printer) paint(color string, write func()) {
	if !p.o.Color || color == colorNone {
		write()
		return
	}
	p.buf = append(p.buf, color...)
	write()
	p.buf = append(p.buf, colorEnd...)
}

func (p *Printer) addf(format string, args ...any) {
	p.buf = fmt.Appendf(p.buf, format, args...)
}
