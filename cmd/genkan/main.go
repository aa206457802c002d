// Command genkan serves a folder over HTTP, and shows how that is done.
//
//	genkan serve [dir]   serve a folder
//	genkan watch …       stand before an app and show its wire
//	genkan get URL       ask as curl does, and show what was said
//	genkan learn [N]     from socket() to a web server, step by step
//	genkan version       which genkan this is
//
// What the requests say goes to standard output, what the program says to
// standard error, so that a log can be piped away without the banner.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/genkan-http/genkan/learn"
)

// Exit codes. Ended by a second signal: 128 and the signal's number, as a
// shell has it.
const (
	exitFailed = 1 // it was asked rightly and could not be done
	exitUsage  = 2 // the command line makes no sense
)

// commandLine is what can be typed after "genkan".
type commandLine struct {
	Serve   serveCommand     `cmd:"" help:"Serve a folder over HTTP."`
	Watch   watchCommand     `cmd:"" help:"Stand before an app and show its wire."`
	Get     getCommand       `cmd:"" help:"Ask a server as curl does, and show what was said."`
	Learn   learnCommand     `cmd:"" help:"Build a web server from socket(), step by step."`
	Version versionCommand   `cmd:"" help:"Say which genkan this is."`
	Flag    kong.VersionFlag `name:"version" help:"Say which genkan this is."`
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, less the process around it; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var line commandLine
	parser, err := kong.New(&line,
		kong.Name("genkan"),
		kong.Description("An HTTP server that you can see through."),
		kong.Vars{"version": version(), "learn_port": strconv.Itoa(learn.Port)},
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 96}),
	)
	if err != nil {
		panic(err) // the struct above is wrong: a bug of ours
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	context, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "genkan: %s\n%s\n", printableText(err.Error()), usageHint(err))
		return exitUsage
	}
	return exitCode(context.Run(newConsole(stdout, stderr)), stderr)
}

// usageHint says where to read what the command accepts.
func usageHint(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context.Selected() != nil {
		return "Try: genkan " + wrong.Context.Selected().Name + " --help"
	}
	return "Try: genkan --help"
}

// exitCode says on stderr what went wrong, and gives the code for it.
func exitCode(err error, stderr io.Writer) int {
	var stopped stoppedBySignal
	var ended appEnded
	var asked getError
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &stopped):
		return 128 + stopped.number
	case errors.As(err, &asked):
		if asked.Error() != "" {
			fmt.Fprintf(stderr, "genkan: get: %s\n", printableText(asked.Error()))
		}
		return asked.code
	case errors.As(err, &ended):
		fmt.Fprintf(stderr, "genkan: %s\n", printableText(err.Error()))
		return ended.code
	}
	fmt.Fprintf(stderr, "genkan: %s\n", printableText(err.Error()))
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailed
}

// usageError is a mistake in the command line that the parser of the command
// line cannot know.
type usageError struct{ error }

func (err usageError) Unwrap() error { return err.error }
