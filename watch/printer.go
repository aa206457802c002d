package watch

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// Options say what a [Printer] shows. The zero Options are level 1, in
// English, without colour, secrets hidden.
type Options struct {
	Level       int    // 1 or less: exchanges; 2 or more: system calls too
	Color       bool   // for a terminal that knows ANSI colours
	JSON        bool   // JSON lines instead of text
	ShowSecrets bool   // do not hide anything
	Lang        string // "ja": Japanese; everything else: English
}

// Printer writes events as lines. It is safe for concurrent use; the lines of
// one event stay together, in one Write if nothing else waits to be written.
type Printer struct {
	w     io.Writer
	o     Options
	words *words

	mu    sync.Mutex
	buf   []byte
	err   error
	start time.Time        // of the first event
	conns map[uint64]*conn // those that are open
	lossy bool             // events have been lost
}

// Text makes a printer that writes to w, whole lines at a time.
func Text(w io.Writer, o Options) *Printer {
	p := &Printer{w: w, o: o, words: &english, conns: make(map[uint64]*conn)}
	if o.Lang == "ja" {
		p.words = &japanese
	}
	return p
}

// Print writes e, if the level shows it.
func (p *Printer) Print(e trace.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(&e)
	p.flush()
}

// Lost writes that n events are missing here; for n = 0 nothing.
func (p *Printer) Lost(n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.addLost(n)
	p.flush()
}

// Err is the first error of the writer; after it nothing is written any more.
func (p *Printer) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Run prints what rd reads until ctx ends or rd is closed (then it prints what
// had happened before, and returns nil), or until w fails (then it returns the
// error).
func (p *Printer) Run(ctx context.Context, rd *trace.Reader) error {
	for {
		e, lost, err := rd.Next(ctx)
		if err != nil {
			p.rest(rd, time.Now())
			return p.Err()
		}
		p.batch(rd, e, lost)
		if err := p.Err(); err != nil {
			return err
		}
	}
}

// batchSize is how many bytes are gathered while there are more events: one
// write per event would make the terminal slower than it is.
const batchSize = 32 << 10

// batch prints e and the events that are already there.
func (p *Printer) batch(rd *trace.Reader, e trace.Event, lost uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ok := true; ok; {
		p.addLost(lost)
		p.add(&e)
		if len(p.buf) >= batchSize {
			break
		}
		e, lost, ok = rd.TryNext()
	}
	p.flush()
}

// rest prints what began before end: under steady traffic a drain without an
// end would have none.
func (p *Printer) rest(rd *trace.Reader, end time.Time) {
	for {
		e, lost, ok := rd.TryNext()
		if !ok || e.Time.After(end) || p.Err() != nil {
			return
		}
		p.Lost(lost)
		p.Print(e)
	}
}

func (p *Printer) add(e *trace.Event) {
	if p.start.IsZero() {
		p.start = e.Time
	}
	if p.o.JSON {
		p.addJSON(e)
		return
	}
	p.addText(e)
}

// addLost also forgets all connections: what is known of them is no longer
// true, and the close of some may be among what was lost.
func (p *Printer) addLost(n uint64) {
	if n == 0 {
		return
	}
	clear(p.conns)
	p.lossy = true
	if p.o.JSON {
		p.addJSONLost(n)
		return
	}
	p.paint(colorLoss, func() { p.addf(p.words.lost, n) })
	p.buf = append(p.buf, '\n')
}

func (p *Printer) flush() {
	if len(p.buf) == 0 {
		return
	}
	if p.err == nil {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
}
