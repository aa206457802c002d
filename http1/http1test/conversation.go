// Package http1test reads the conversations of http1/testdata: what a peer
// sends, byte for byte, and what is made of it. They are read by the tests of
// the parser, of the document docs/wire.md, and of the whole server.
package http1test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Conversation is a heading, the reason with its RFC, the bytes, and the
// events that the parser makes of them:
//
//	## Heading
//	Reason.
//	```request eof Head=100
//	GET / HTTP/1.1\r\n
//	```
//	```events
//	```
//
// The first word of a block is the parser; "eof" means that the peer then ends
// its sending; METHOD words are what a response answers; Name=number sets a
// limit. Only escapes are control characters: a line break in the block is
// none, and {{a*100}} is a hundred times "a".
//
// A third block says where a whole server, with a handler that reads each body
// to its end, makes something else of it than its parser alone:
//
//	```server
//	4 refused 400 target-url
//	close: request refused
//	```
//
// Its lines are those of the events: a breach that only the server finds, and
// for which reason the connection ends.
type Conversation struct {
	Name    string // the heading
	Kind    string // "request" or "response"
	Options []string
	In      []byte
	Events  string // as they stand in the file
	From    int    // and where: File.Text[From:To]
	To      int
	Server  string // where a server differs; empty: nowhere
}

// File is a file of conversations.
type File struct {
	Path          string
	Text          string
	Conversations []Conversation
}

var (
	blocks  = regexp.MustCompile("(?s)```(request|response)([^\n]*)\n(.*?)```\n+```events\n(.*?)```(?:\n+```server\n(.*?)```)?")
	heading = regexp.MustCompile(`(?m)^## (.*)$`)
	repeat  = regexp.MustCompile(`(?s)\{\{(.+?)\*(\d+)\}\}`)
)

// Read reads the conversations of all files in dir, in the order of their
// names. No file, and bytes that are written wrongly, are errors.
func Read(dir string) ([]File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no conversations in %s (%v)", dir, err)
	}
	var files []File
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f := File{Path: path, Text: string(text)}
		name, last := "?", 0
		for _, at := range blocks.FindAllStringSubmatchIndex(f.Text, -1) {
			if h := heading.FindAllStringSubmatch(f.Text[last:at[0]], -1); h != nil {
				name = h[len(h)-1][1]
			}
			last = at[1]
			c := Conversation{
				Name: name, Kind: f.Text[at[2]:at[3]], Options: strings.Fields(f.Text[at[4]:at[5]]),
				Events: f.Text[at[8]:at[9]], From: at[8], To: at[9],
			}
			if at[10] >= 0 {
				c.Server = f.Text[at[10]:at[11]]
			}
			if c.In, err = decode(f.Text[at[6]:at[7]]); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, c.Name, err)
			}
			f.Conversations = append(f.Conversations, c)
		}
		files = append(files, f)
	}
	return files, nil
}

// EOF: the peer ends its sending after In.
func (c *Conversation) EOF() bool {
	for _, o := range c.Options {
		if o == "eof" {
			return true
		}
	}
	return false
}

// Limits are the limits that the conversation sets, by the names of
// http1.Limits.
func (c *Conversation) Limits() (map[string]int, error) {
	limits := map[string]int{}
	for _, o := range c.Options {
		name, value, is := strings.Cut(o, "=")
		if !is {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return nil, fmt.Errorf("%s: the limit %s is no number", c.Name, o)
		}
		limits[name] = n
	}
	return limits, nil
}

// Methods are what a response answers.
func (c *Conversation) Methods() (methods []string) {
	for _, o := range c.Options {
		if o != "eof" && !strings.Contains(o, "=") {
			methods = append(methods, o)
		}
	}
	return methods
}

// decode makes bytes of a block.
func decode(s string) ([]byte, error) {
	s = strings.ReplaceAll(s, "\n", "")
	s = repeat.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeat.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	var out []byte
	for s != "" {
		if s[0] == '"' {
			out, s = append(out, '"'), s[1:]
			continue
		}
		c, _, rest, err := strconv.UnquoteChar(s, '"')
		if err != nil || c > 0xff {
			return nil, fmt.Errorf("bytes that cannot be read in %.200q: write them as escapes", s)
		}
		out, s = append(out, byte(c)), rest
	}
	return out, nil
}
