package watch

import (
	"regexp"
	"strings"
)

// secretEndings are how the names of fields end whose values are secrets.
// Endings, because names grow at the front: Proxy-Authorization, Set-Cookie,
// X-Amz-Security-Token, X-Forwarded-Access-Token. Too much hidden can be asked
// for (ShowSecrets); too little cannot be taken back.
var secretEndings = []string{
	"authorization", "authentication-info", "cookie", "cookie2",
	"token", "secret", "password", "passwd", "credential", "credentials",
	"api-key", "apikey", "auth-key", "access-key", "session", "session-id",
	"jwt-assertion", "signature",
}

// Secret reports whether the value of the field of that name, in any case, is
// hidden.
func Secret(name string) bool {
	name = strings.ToLower(name)
	for _, s := range secretEndings {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

const (
	hiddenMark   = "[hidden]"
	notShownMark = "[not shown]"
)

// hider copies a stream of bytes that arrives in pieces, and leaves the
// secrets out. It reads lines, not HTTP: it must work on what a parser refuses
// too, so a lone LF ends a line, and a lone CR ends it unless that is a
// secret's; white space around the name is ignored; and a line that begins
// with white space goes on with the value before (obs-fold, RFC 9112 5.2). In
// a body it may hide too much.
//
// The zero hider is at the beginning of a stream.
type hider struct {
	at   hiderState
	next int64  // the offset that the next piece should have
	name []byte // the field name so far, while atName; without white space
	fold bool   // the line before was a secret: if this one continues it, so is this
	cr   bool   // the byte before was a CR

	marked bool // the mark has been written for this value, in this piece
}

type hiderState uint8

const (
	atStart  hiderState = iota // of a line
	atName                     // no colon yet
	atSpace                    // after a secret's colon: white space is shown
	atSecret                   // in a secret's value
	atOpen                     // in anything else
	atGap                      // bytes are missing before: nobody knows
)

// longestName is more than any name that ends like a secret's; the bytes of a
// body may go on for ever without a colon.
const longestName = 256

// restart says that a message begins at offset off, whatever was missing
// before.
func (h *hider) restart(off int64) {
	*h = hider{next: off, name: h.name[:0]}
}

// hide appends piece, which begins at offset off and is size bytes long, some
// of which may not be in piece any more.
func (h *hider) hide(dst, piece []byte, off int64, size int) []byte {
	switch {
	case off == 0:
		h.restart(0)
	case off != h.next:
		h.at = atGap
	}
	h.next = off + int64(size)
	h.marked = false
	for _, c := range piece {
		dst = h.step(dst, c)
	}
	if len(piece) < size {
		h.at = atGap
	}
	return dst
}

func (h *hider) step(dst []byte, c byte) []byte {
	if c == '\r' || c == '\n' {
		// CR LF are two line ends; the empty line between them must not
		// end a fold.
		if h.at != atStart {
			h.fold = h.at == atSecret || h.at == atSpace || h.at == atGap
		}
		h.at, h.name, h.marked = atStart, h.name[:0], false
		h.cr = c == '\r'
		return append(dst, c)
	}
	white := c == ' ' || c == '\t'
	if h.at == atStart {
		h.at = atName
		if h.fold && (white || h.cr) {
			h.at = atSpace
		}
	}
	h.cr = false
	switch h.at {
	case atName:
		h.named(c, white)
	case atSpace:
		if white {
			break
		}
		h.at = atSecret
		return h.mark(dst, hiddenMark)
	case atSecret:
		return h.mark(dst, hiddenMark)
	case atGap:
		return h.mark(dst, notShownMark)
	}
	return append(dst, c)
}

// named takes one more byte of what may become a field name.
func (h *hider) named(c byte, white bool) {
	switch {
	case c == ':':
		h.at = atOpen
		if Secret(string(h.name)) {
			h.at = atSpace
		}
	case white:
	case len(h.name) == longestName:
		h.at = atOpen
	default:
		h.name = append(h.name, c)
	}
}

// mark stands for a whole value, or for the part of it in this piece.
func (h *hider) mark(dst []byte, mark string) []byte {
	if h.marked {
		return dst
	}
	h.marked = true
	return append(dst, mark...)
}

// secretInText finds a field that an error or a note quotes.
var secretInText = regexp.MustCompile(`(?is)([a-z0-9_-]*(?:` + strings.Join(secretEndings, "|") + `)\s*:\s*)(.+)`)

// hideText hides what follows a secret field's name in a text, to its end.
func hideText(s string) string {
	return secretInText.ReplaceAllString(s, "${1}"+hiddenMark)
}
