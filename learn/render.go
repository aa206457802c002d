package learn

import (
	"io"
	"strings"
)

// The texts are Markdown that reads well as it is. For a terminal it is made a
// little better: paragraphs are wrapped by the width of their letters, code is
// set apart, and with colour the marks of emphasis become the real thing.

// columns is how wide a paragraph may be: what every terminal has.
const columns = 78

// ANSI colours; a style of "" is plain.
const (
	styleTitle   = "\x1b[1;36m"
	styleHeading = "\x1b[1m"
	styleStrong  = "\x1b[1m"
	styleCode    = "\x1b[36m"
	styleCommand = "\x1b[1;32m"
	styleError   = "\x1b[31m"
	styleDim     = "\x1b[2m"
	styleOff     = "\x1b[0m"
)

// render writes Markdown for a terminal.
func render(w io.Writer, markdown string, color bool) error {
	r := renderer{color: color}
	for line := range strings.Lines(markdown) {
		r.line(strings.TrimRight(line, "\n"))
	}
	r.flush()
	_, err := io.WriteString(w, r.out.String())
	return err
}

type renderer struct {
	out       strings.Builder
	color     bool
	fence     string // the word after the fence's backticks, inside one
	inside    bool
	paragraph []string
}

func (r *renderer) line(line string) {
	switch {
	case strings.HasPrefix(line, "```"):
		r.flush()
		r.inside = !r.inside
		r.fence = strings.TrimPrefix(line, "```")
	case r.inside:
		r.code(line, r.fence == "console")
	case strings.HasPrefix(line, "# "):
		r.flush()
		r.styled(styleTitle, strings.TrimPrefix(line, "# "))
		r.out.WriteString("\n")
	case strings.HasPrefix(line, "## "):
		r.flush()
		r.styled(styleHeading, "■ "+strings.TrimPrefix(line, "## "))
		r.out.WriteString("\n")
	case strings.HasPrefix(line, "    "):
		r.flush()
		r.code(strings.TrimPrefix(line, "    "), false)
	case line == "":
		r.flush()
		r.out.WriteString("\n")
	case strings.HasPrefix(line, "- "):
		r.flush()
		r.paragraph = append(r.paragraph, line)
	default:
		r.paragraph = append(r.paragraph, line)
	}
}

// code writes a line of code as it is; of a console, commands stand out.
func (r *renderer) code(line string, console bool) {
	if line == "" {
		r.out.WriteString("\n")
		return
	}
	r.out.WriteString("    ")
	if typed := strings.HasPrefix(line, "$ ") || strings.HasSuffix(line, "⏎"); console && typed {
		r.styled(styleCommand, line)
	} else {
		r.out.WriteString(line)
	}
	r.out.WriteString("\n")
}

func (r *renderer) styled(style, s string) {
	if !r.color {
		r.out.WriteString(s)
		return
	}
	r.out.WriteString(style + s + styleOff)
}

// flush wraps and writes the paragraph that has been gathered.
func (r *renderer) flush() {
	if len(r.paragraph) == 0 {
		return
	}
	text := strings.Join(r.paragraph, " ")
	r.paragraph = nil
	first, other := "", ""
	if item, ok := strings.CutPrefix(text, "- "); ok {
		text, first, other = item, "  - ", "    "
	}
	for i, l := range wrap(letters(text, r.color), columns-len(first)) {
		r.out.WriteString(map[bool]string{true: first, false: other}[i == 0])
		r.letters(l)
		r.out.WriteString("\n")
	}
}

// letter is a character with its style.
type letter struct {
	r     rune
	style string
}

// letters takes the marks ** and ` out of a paragraph and turns them into
// styles. Without colour, ` stays: it says where a command begins and ends.
func letters(s string, color bool) []letter {
	var out []letter
	code, strong := false, false
	for len(s) > 0 {
		if !code && strings.HasPrefix(s, "**") {
			strong = !strong
			s = s[2:]
			continue
		}
		r := []rune(s)[0]
		s = s[len(string(r)):]
		if r == '`' {
			code = !code
			if color {
				continue
			}
		}
		if r == ' ' && len(out) > 0 && columnsOf(out[len(out)-1].r) == 2 && wideNext(s) {
			continue // Markdown needs it beside its marks; Japanese does not
		}
		style := ""
		switch {
		case code:
			style = styleCode
		case strong:
			style = styleStrong
		}
		out = append(out, letter{r, style})
	}
	return out
}

// wideNext reports whether s begins with a wide letter, marks aside.
func wideNext(s string) bool {
	s = strings.TrimLeft(s, "*")
	return s != "" && columnsOf([]rune(s)[0]) == 2
}

func (r *renderer) letters(line []letter) {
	style := ""
	for _, l := range line {
		if r.color && l.style != style {
			if style != "" {
				r.out.WriteString(styleOff)
			}
			r.out.WriteString(l.style)
			style = l.style
		}
		r.out.WriteRune(l.r)
	}
	if style != "" {
		r.out.WriteString(styleOff)
	}
}
