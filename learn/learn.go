// Package learn is the staircase from socket(2) to an HTTP server: seven steps,
// each one short file that runs, is explained in Japanese and English, and
// says what it cannot do yet.
//
//	0 a socket is a number        4 HTTP is text
//	1 accept, send, close         5 address families
//	2 HTTP and GET                6 messages without a connection
//	3 the same, as functions
//
// Each step is a package of its own (step1/step1.go), made of calls on a
// [socket.Kernel] that waits: the reader needs one file and no event loop. Its
// text stands in text/ in two languages. Every command in a text, and the
// output that it promises, is run by this package's tests.
package learn

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/genkan-http/genkan/learn/step0"
	"github.com/genkan-http/genkan/learn/step1"
	"github.com/genkan-http/genkan/learn/step2"
	"github.com/genkan-http/genkan/learn/step3"
	"github.com/genkan-http/genkan/learn/step4"
	"github.com/genkan-http/genkan/learn/step5"
	"github.com/genkan-http/genkan/learn/step6"
	"github.com/genkan-http/genkan/socket"
)

// Port is the port of the notes from which the steps grew.
const Port = 1235

//go:embed text/*.md
var texts embed.FS

//go:embed step?/step?.go
var sources embed.FS

// Step is one step of the staircase.
type Step struct {
	Number int
	Name   string // in one English word or two: "socket", "http"

	serve func(k socket.Kernel, port uint16, out io.Writer, wait func()) error
}

// Steps are all steps, in order; Steps()[n].Number is n.
func Steps() []Step {
	quiet := func(f func(socket.Kernel, uint16) error) func(socket.Kernel, uint16, io.Writer, func()) error {
		return func(k socket.Kernel, port uint16, _ io.Writer, _ func()) error { return f(k, port) }
	}
	talking := func(f func(socket.Kernel, uint16, io.Writer) error) func(socket.Kernel, uint16, io.Writer, func()) error {
		return func(k socket.Kernel, port uint16, out io.Writer, _ func()) error { return f(k, port, out) }
	}
	return []Step{
		{0, "socket", func(k socket.Kernel, _ uint16, out io.Writer, wait func()) error {
			return step0.Show(k, out, wait)
		}},
		{1, "accept", quiet(step1.Serve)},
		{2, "http", quiet(step2.Serve)},
		{3, "functions", quiet(step3.Serve)},
		{4, "curl", talking(step4.Serve)},
		{5, "families", talking(step5.Serve)},
		{6, "datagram", talking(step6.Serve)},
	}
}

// Title is the heading of the step's text, without its number.
func (s Step) Title(lang string) string {
	line, _, _ := strings.Cut(s.Text(lang), "\n")
	_, title, _ := strings.Cut(line, " · ")
	return title
}

// Text is what explains the step, as Markdown: a title, and the sections new
// here, try it, still wrong, next. lang is "ja"; everything else is English.
func (s Step) Text(lang string) string {
	return string(read(texts, fmt.Sprintf("text/step%d.%s.md", s.Number, in(lang, "ja", "en"))))
}

// Source is the step's own file, the one that runs, with its comments in both
// languages.
func (s Step) Source() string {
	return string(read(sources, fmt.Sprintf("step%d/step%d.go", s.Number, s.Number)))
}

// read reads what was embedded; that it is there was decided at build time.
func read(files embed.FS, name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic("learn: " + err.Error())
	}
	return data
}
