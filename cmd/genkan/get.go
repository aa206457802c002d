package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/ask"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

// getCommand has curl's names for what curl has too.
type getCommand struct {
	URL []string `arg:"" help:"What to ask for: http://…, https://…, or a host and a path."`

	Method     string   `short:"X" name:"request" placeholder:"METHOD" help:"The method, instead of GET, or POST with -d."`
	Header     []string `short:"H" sep:"none" placeholder:"FIELD" help:"A field, \"Name: value\"; \"Name:\" leaves one out that would be sent, \"Name;\" sends it empty."`
	Data       []string `short:"d" sep:"none" placeholder:"DATA" help:"A body; several are joined with &. @file reads it from there without line ends, @- from standard input."`
	DataRaw    []string `name:"data-raw" sep:"none" placeholder:"DATA" help:"As -d, and @ means nothing."`
	DataBinary []string `name:"data-binary" sep:"none" placeholder:"DATA" help:"As -d, and a file comes as it is."`
	Head       bool     `short:"I" help:"Ask with HEAD, and show the head."`
	Include    bool     `short:"i" help:"Show the head of the answer before its body."`
	Output     string   `short:"o" placeholder:"FILE" help:"Write the body there; - is standard output, also where that is a terminal."`
	Location   bool     `short:"L" help:"Follow redirects."`
	MaxRedirs  int      `name:"max-redirs" default:"50" help:"So many at most."`
	Fail       bool     `short:"f" help:"An answer of 400 or more is a failure, and its body is not shown."`
	Silent     bool     `short:"s" help:"Do not say what went wrong."`
	ShowError  bool     `short:"S" help:"Say it all the same."`
	User       string   `short:"u" placeholder:"NAME:PASSWORD" help:"Authorization: Basic."`
	Agent      string   `short:"A" name:"user-agent" placeholder:"TEXT" help:"User-Agent."`
	Old        bool     `short:"0" name:"http1.0" help:"Speak HTTP/1.0."`

	Unix           string   `name:"unix-socket" placeholder:"PATH" help:"Connect to this UNIX socket instead of the host."`
	Abstract       string   `name:"abstract-unix-socket" placeholder:"NAME" help:"The same, by an abstract name (Linux)."`
	Insecure       bool     `short:"k" help:"Do not ask who an https server is."`
	CACert         string   `name:"cacert" placeholder:"FILE" help:"Believe certificates that these sign (PEM), instead of the system's."`
	Resolve        []string `sep:"none" placeholder:"HOST:PORT:ADDRESS" help:"Take this address for a host and port."`
	IPv4           bool     `short:"4" name:"ipv4" help:"IPv4 addresses only."`
	IPv6           bool     `short:"6" name:"ipv6" help:"IPv6 addresses only."`
	MaxTime        float64  `short:"m" name:"max-time" placeholder:"SECONDS" help:"For all of it."`
	ConnectTimeout float64  `name:"connect-timeout" placeholder:"SECONDS" help:"For each address."`

	Verbose     int  `short:"v" type:"counter" help:"Show what is sent and received; -vv: each system call too."`
	JSON        bool `name:"json" help:"With -v: one JSON object a line."`
	ShowSecrets bool `name:"show-secrets" help:"With -v: show cookies and passwords too."`
}

func (*getCommand) Help() string {
	return `The names are curl's, and so are the exit codes:

   1  a scheme that is not spoken        26  the body could not be read
   2  the command line                   28  it took too long
   3  no URL                             35  TLS could not be agreed upon
   6  the name is not known              47  too many redirects
   7  nobody answers there               52  an end without an answer
   8  the answer breaks a rule           55  sending failed
  18  an end in the middle of a body     56  receiving failed
  22  400 or more, with -f               60  the certificate is not believed
  23  the output could not be written

What is sent is > and what is received is <. "genkan serve -vv" in one window and
"genkan get -vv" in another show both halves of the same bytes.`
}

// getError ends the program with one of curl's codes.
type getError struct {
	error
	code int
}

func (err getError) Unwrap() error { return err.error }

func (c *getCommand) Run(console *console) error {
	err := c.run(console)
	var failed getError
	if errors.As(err, &failed) && c.Silent && !c.ShowError {
		return getError{errors.New(""), failed.code}
	}
	return err
}

func (c *getCommand) run(console *console) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	defer client.Close()
	stop := c.watch(client, console)
	defer stop()
	ctx := context.Background()
	if c.MaxTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.MaxTime*float64(time.Second)))
		defer cancel()
	}
	out, err := c.output(console)
	if err != nil {
		return err
	}
	for _, text := range c.URL {
		if err := c.get(ctx, client, text, out); err != nil {
			out.close()
			return err
		}
	}
	return out.close()
}

// client is how connections are made.
func (c *getCommand) client() (*ask.Client, error) {
	client := &ask.Client{
		TLS:            &tls.Config{InsecureSkipVerify: c.Insecure},
		ConnectTimeout: time.Duration(c.ConnectTimeout * float64(time.Second)),
		Addresses:      map[string][]netip.Addr{},
	}
	switch {
	case c.IPv4 && c.IPv6:
		return nil, usageError{errors.New("get: -4 or -6, not both")}
	case c.IPv4:
		client.Family = socket.INET
	case c.IPv6:
		client.Family = socket.INET6
	}
	if c.CACert != "" {
		text, err := os.ReadFile(c.CACert)
		if err != nil {
			return nil, getError{err, 77}
		}
		client.TLS.RootCAs = x509.NewCertPool()
		if !client.TLS.RootCAs.AppendCertsFromPEM(text) {
			return nil, getError{fmt.Errorf("%s holds no certificate in PEM", c.CACert), 77}
		}
	}
	for _, text := range c.Resolve {
		parts := strings.SplitN(text, ":", 3)
		if len(parts) != 3 {
			return nil, usageError{fmt.Errorf("get: --resolve %q: HOST:PORT:ADDRESS is wanted", text)}
		}
		for word := range strings.SplitSeq(parts[2], ",") {
			ip, err := netip.ParseAddr(strings.Trim(word, "[]"))
			if err != nil {
				return nil, usageError{fmt.Errorf("get: --resolve %q: %q is no address", text, word)}
			}
			key := parts[0] + ":" + parts[1]
			client.Addresses[key] = append(client.Addresses[key], ip)
		}
	}
	return client, nil
}

// watch shows on standard error what the client does.
func (c *getCommand) watch(client *ask.Client, console *console) (stop func()) {
	if c.Verbose == 0 {
		return func() {}
	}
	ring := trace.NewRing(trace.Options{Bytes: watched})
	client.Ring = ring
	printer := watch.Text(console.err, watch.Options{Level: c.Verbose, Color: console.errColor, JSON: c.JSON, ShowSecrets: c.ShowSecrets})
	reader := ring.Reader()
	shown := make(chan error, 1)
	go func() { shown <- printer.Run(context.Background(), reader) }()
	return func() {
		client.Close() // so that it is seen
		reader.Close()
		<-shown
	}
}

// place is whom a URL asks, and what for.
func (c *getCommand) place(u *url.URL) (p ask.Place, target string, err error) {
	switch u.Scheme {
	case "http":
		p.Port = 80
	case "https":
		p.TLS, p.Port = true, 443
	default:
		return p, "", getError{fmt.Errorf("%s:// is not spoken; http:// and https:// are", u.Scheme), 1}
	}
	if p.Host = u.Hostname(); p.Host == "" {
		return p, "", getError{fmt.Errorf("%q has no host", u), 3}
	}
	if text := u.Port(); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return p, "", getError{fmt.Errorf("port %q is no number from 0 to 65535", text), 3}
		}
		p.Port = uint16(n)
	}
	switch {
	case c.Unix != "":
		p.Unix = c.Unix
	case c.Abstract != "":
		p.Unix = "@" + c.Abstract
	}
	return p, u.RequestURI(), nil
}

// codeOf is curl's code for what went wrong on the way.
func codeOf(err error) int {
	var where *ask.Error
	switch {
	case errors.Is(err, ask.ErrSwitched):
		return 1
	case errors.Is(err, ask.ErrEmpty):
		return 52
	case errors.Is(err, ask.ErrPartial):
		return 18
	case !errors.As(err, &where):
		return exitFailed
	case where.Stage == ask.Connecting && errors.Is(err, os.ErrDeadlineExceeded):
		return 28
	}
	return map[ask.Stage]int{
		ask.Resolving: 6, ask.Connecting: 7, ask.Securing: 35, ask.Verifying: 60, ask.Sending: 55, ask.Receiving: 56,
		ask.Parsing: 8, ask.Timing: 28, ask.Reading: 26, ask.Writing: 23,
	}[where.Stage]
}
