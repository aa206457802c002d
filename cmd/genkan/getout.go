package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/genkan-http/genkan/ask"
)

// getOutput is where answers go: heads if they were asked for, bodies always.
// On a terminal what could command it is shown as it is written, and what is
// no text is refused, as curl does.
type getOutput struct {
	to       io.Writer
	file     *os.File // to be closed; nil: none
	terminal bool
	heads    bool
	only     bool // heads, no bodies
	fail     bool

	follow   bool
	status   int
	location string
	hidden   bool // this body is not shown
	seen     bool // some of it has been
}

func (c *getCommand) output(console *console) (*getOutput, error) {
	out := &getOutput{to: console.out, terminal: console.outTerminal && c.Output == "", heads: c.Include || c.Head, only: c.Head, fail: c.Fail}
	if c.Output == "" || c.Output == "-" {
		return out, nil
	}
	file, err := os.Create(c.Output)
	if err != nil {
		return nil, getError{err, 23}
	}
	out.to, out.file = file, file
	return out, nil
}

func (o *getOutput) begin(follow bool) {
	o.follow, o.status, o.location, o.hidden, o.seen = follow, 0, "", false, false
}

func (o *getOutput) close() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Close(); err != nil {
		return getError{err, 23}
	}
	return nil
}

// Head is of [ask.Sink].
func (o *getOutput) Head(head *ask.Answer, wire []byte) error {
	if !head.Interim {
		o.status = head.Status
		if head.Status/100 == 3 && head.Status != 304 {
			for _, f := range head.Fields.List() {
				if strings.EqualFold(f.Name, "Location") {
					o.location = f.Value
				}
			}
		}
		o.hidden = o.only || o.fail && o.status >= 400 || o.follow && o.location != ""
	}
	if !o.heads {
		return nil
	}
	return o.write(wire)
}

// Body is of [ask.Sink].
func (o *getOutput) Body(data []byte) error {
	if o.hidden {
		return nil
	}
	if o.terminal && !o.seen && bytes.IndexByte(data, 0) >= 0 {
		return errors.New("the body is no text, and this is a terminal: -o FILE saves it, -o - shows it all the same")
	}
	o.seen = true
	return o.write(data)
}

func (o *getOutput) write(b []byte) error {
	if o.terminal {
		b = appendPrintable(nil, strings.ReplaceAll(string(b), "\r\n", "\n"), "\n\t\\")
	}
	if _, err := o.to.Write(b); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
