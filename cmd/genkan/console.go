package main

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// console is where the program writes. Both writers take one whole piece of
// text at a time, from any goroutine.
type console struct {
	out, err    io.Writer
	color       bool // out is a terminal that wants colours
	errColor    bool // and err
	outTerminal bool
}

func newConsole(out, err io.Writer) *console {
	return &console{
		out:         &wholeWriter{w: out},
		err:         &wholeWriter{w: err},
		color:       wantsColor(out, os.Getenv),
		errColor:    wantsColor(err, os.Getenv),
		outTerminal: isTerminal(out),
	}
}

// wantsColor says yes for a terminal, unless its owner does not want it
// (https://no-color.org) or it cannot show it.
func wantsColor(w io.Writer, getenv func(string) string) bool {
	if getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" {
		return false
	}
	return isTerminal(w) && obeysEscapes(w.(*os.File))
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// wholeWriter keeps the texts of several goroutines apart.
type wholeWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *wholeWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}
