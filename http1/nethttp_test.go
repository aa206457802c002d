package http1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strings"
	"testing"
)

// FuzzAgainstNetHTTP: whatever we accept, net/http reads as the same method,
// target, fields and body. Two readers who differ are a smuggler's door, and
// net/http is the one that most handlers were written for. The other way round
// it accepts much that we refuse; that is wanted.
func FuzzAgainstNetHTTP(f *testing.F) {
	for _, in := range seeds(f, "request") {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		ours, ok := readOurs(in)
		if !ok {
			return
		}
		theirs, err := readTheirs(in)
		if err != nil {
			if why := wantedDifference(&ours.r, err); why == "" {
				t.Fatalf("we accept what net/http refuses with %v: %q", err, in)
			}
			return
		}
		if got, want := ours.text, theirs; got != want {
			t.Fatalf("%q\nwe read:\n%s\nnet/http reads:\n%s", in, got, want)
		}
	})
}

type oursRead struct {
	r    Request
	text string
}

func readOurs(in []byte) (o oursRead, ok bool) {
	var p RequestParser
	var body []byte
	for {
		n, ev, err := p.Next(in, true)
		if err != nil || ev.Kind == EventNeedMore {
			return o, false
		}
		in = in[n:]
		body = append(body, ev.Data...)
		if ev.Kind == EventHead {
			o.r = p.Request
		}
		if ev.Kind == EventEnd {
			var fields, trailers []string
			for _, f := range p.Request.Fields.List() {
				switch name := CanonicalName(f.Name); name {
				case "Host", "Transfer-Encoding", "Trailer": // net/http moves them elsewhere
				case "Content-Length":
					fields = append(fields, "Content-Length: "+fmt.Sprint(p.Request.ContentLength))
				default:
					fields = append(fields, name+": "+f.Value)
				}
			}
			for _, f := range p.Request.Trailers {
				trailers = append(trailers, CanonicalName(f.Name)+": "+f.Value)
			}
			r := &p.Request
			o.text = summary(r.Method, r.Target, r.Host, fields, trailers, body)
			return o, true
		}
	}
}

func readTheirs(in []byte) (string, error) {
	// An empty line first is skipped by its server, not by ReadRequest.
	in = bytes.TrimPrefix(in, []byte("\r\n"))
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in)))
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", err
	}
	fields, trailers := flatten(r.Header), flatten(r.Trailer)
	for i, f := range fields {
		if strings.HasPrefix(f, "Content-Length: ") {
			fields[i] = "Content-Length: " + fmt.Sprint(r.ContentLength)
		}
	}
	return summary(r.Method, r.RequestURI, r.Host, fields, trailers, body), nil
}

func flatten(h http.Header) (s []string) {
	for name, values := range h {
		for _, v := range values {
			s = append(s, name+": "+v)
		}
	}
	return s
}

func summary(method, target, host string, fields, trailers []string, body []byte) string {
	sort.Strings(fields)
	sort.Strings(trailers)
	return fmt.Sprintf("%q %q host %q\nfields %q\ntrailers %q\nbody %q", method, target, host, fields, trailers, body)
}

// wantedDifference says why we accept what net/http does not.
func wantedDifference(r *Request, err error) string {
	text := err.Error()
	switch {
	case r.Form == AuthorityForm || r.Form == AbsoluteForm:
		return "net/url parses an authority by rules of its own"
	case strings.Contains(text, "invalid URL escape"), strings.Contains(text, "invalid URI for request"),
		strings.Contains(text, "parse "):
		return "net/url parses a whole URL where the wire has a target"
	case strings.Contains(text, "malformed HTTP version") && r.Minor > 1:
		return "a minor version above 1 is served as 1.1, RFC 9110 6.2"
	case strings.Contains(text, "too many"), strings.Contains(text, "too large"):
		return "limits of its own"
	case strings.Contains(text, "bad trailer key"), strings.Contains(text, "invalid trailer"):
		return "the Trailer field announces, it does not frame"
	}
	return ""
}
