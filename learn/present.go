package learn

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// List writes the steps, one line each, and how to take one.
func List(w io.Writer, lang string) {
	fmt.Fprintln(w, in(lang, "socket から HTTP サーバーまでの階段です。", "The stairs from a socket to an HTTP server."))
	fmt.Fprintln(w)
	for _, s := range Steps() {
		fmt.Fprintf(w, "  genkan learn %d   %s\n", s.Number, s.Title(lang))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, in(lang,
		"どれも短い本物のプログラムです。コードは genkan learn 1 --source で読めます。",
		"Each is a short program, and real. Read its code: genkan learn 1 --source"))
}

// Present writes the whole text of a step for a terminal.
func Present(w io.Writer, s Step, lang string, color bool) {
	_ = render(w, s.Text(lang), color)
}

// atPort is a text for another port than that of the notes.
func atPort(text string, port int) string {
	return strings.ReplaceAll(text, strconv.Itoa(Port), strconv.Itoa(port))
}
