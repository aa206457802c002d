package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/genkan-http/genkan/ask"
)

// get asks for one URL, and for where it leads.
func (c *getCommand) get(ctx context.Context, client *ask.Client, text string, out *getOutput) error {
	u, err := parseURL(text)
	if err != nil {
		return err
	}
	body, err := c.body()
	if err != nil {
		return err
	}
	method := c.Method
	switch {
	case method != "":
	case c.Head:
		method = "HEAD"
	case body != nil:
		method = "POST"
	default:
		method = "GET"
	}
	from := u.Host
	for redirects := 0; ; redirects++ {
		place, target, err := c.place(u)
		if err != nil {
			return err
		}
		request := &ask.Request{Method: method, Target: target, Fields: c.fields(u, body, u.Host == from), Old: c.Old}
		if body != nil {
			request.Body = bytes.NewReader(body)
		}
		out.begin(c.Location)
		if err := client.Do(ctx, place, request, out); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				err = fmt.Errorf("%s: no answer within %g s", place, c.MaxTime)
				return getError{err, 28}
			}
			return getError{fmt.Errorf("%s: %w", place, err), codeOf(err)}
		}
		if c.Fail && out.status >= 400 {
			return getError{fmt.Errorf("%s answered %d", u, out.status), 22}
		}
		if !c.Location || out.location == "" {
			return nil
		}
		if redirects == c.MaxRedirs {
			return getError{fmt.Errorf("more than %d redirects", c.MaxRedirs), 47}
		}
		next, err := u.Parse(out.location)
		if err != nil {
			return getError{fmt.Errorf("the answer leads to %q, which is no URL", out.location), 3}
		}
		if c.Method == "" && method != "HEAD" && (out.status == 303 || method == "POST" && (out.status == 301 || out.status == 302)) {
			method, body = "GET", nil // RFC 9110 15.4
		}
		u = next
	}
}

// parseURL takes what curl takes: without a scheme it is http.
func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		var why *url.Error
		if errors.As(err, &why) {
			err = why.Err
		}
		return nil, getError{fmt.Errorf("%q is no URL: %w", text, err), 3}
	}
	u.Fragment = ""
	return u, nil
}

// body is what -d and its like say; nil: none.
func (c *getCommand) body() ([]byte, error) {
	var parts [][]byte
	for _, text := range c.Data {
		part, err := dataFrom(text)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(text, "@") {
			part = bytes.Map(func(r rune) rune {
				if r == '\r' || r == '\n' || r == 0 {
					return -1
				}
				return r
			}, part)
		}
		parts = append(parts, part)
	}
	for _, text := range c.DataRaw {
		parts = append(parts, []byte(text))
	}
	for _, text := range c.DataBinary {
		part, err := dataFrom(text)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if parts == nil {
		return nil, nil
	}
	if c.Head {
		return nil, usageError{errors.New("get: HEAD (-I) has no body (-d)")}
	}
	joined := bytes.Join(parts, []byte("&"))
	if joined == nil {
		joined = []byte{}
	}
	return joined, nil
}

// dataFrom is a word, or the file that it names with an @.
func dataFrom(text string) (data []byte, err error) {
	name, file := strings.CutPrefix(text, "@")
	switch {
	case !file:
		return []byte(text), nil
	case name == "-":
		data, err = io.ReadAll(os.Stdin)
	default:
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, getError{fmt.Errorf("-d: %w", err), 26}
	}
	return data, nil
}

// fields are what curl would send, in curl's order. What says who one is goes
// to the host alone that it was meant for.
func (c *getCommand) fields(u *url.URL, body []byte, same bool) []ask.Field {
	fields := []ask.Field{{Name: "Host", Value: u.Host}}
	user := c.User
	if user == "" && u.User != nil {
		password, _ := u.User.Password()
		user = u.User.Username() + ":" + password
	}
	if user != "" && same {
		fields = append(fields, ask.Field{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte(user))})
	}
	agent := c.Agent
	if agent == "" {
		agent = "genkan"
	}
	fields = append(fields, ask.Field{Name: "User-Agent", Value: agent}, ask.Field{Name: "Accept", Value: "*/*"})
	var ending []ask.Field
	if body != nil {
		ending = []ask.Field{{Name: "Content-Length", Value: strconv.Itoa(len(body))}, {Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}
	}
	for _, line := range c.Header {
		name, value, found := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found {
			if bare, empty := strings.CutSuffix(strings.TrimSpace(line), ";"); empty {
				fields = replaced(fields, bare, ask.Field{Name: bare})
			}
			continue // curl leaves out what is no field, too
		}
		lower := strings.ToLower(name)
		if !same && (lower == "authorization" || lower == "cookie" || lower == "host") {
			continue
		}
		ending = without(ending, name)
		if value == "" {
			fields = without(fields, name)
			continue
		}
		fields = replaced(fields, name, ask.Field{Name: name, Value: value})
	}
	return append(fields, ending...)
}

// replaced puts a field in the place of the one that would be sent by itself;
// fields that were given are all sent.
func replaced(fields []ask.Field, name string, by ask.Field) []ask.Field {
	for i, f := range fields {
		if strings.EqualFold(f.Name, name) && ownField(f.Name) {
			fields[i] = by
			return fields
		}
	}
	return append(fields, by)
}

func ownField(name string) bool {
	switch name {
	case "Host", "User-Agent", "Accept", "Authorization":
		return true
	}
	return false
}

func without(fields []ask.Field, name string) []ask.Field {
	for i, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return append(fields[:i:i], fields[i+1:]...)
		}
	}
	return fields
}
