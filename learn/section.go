package learn

import "strings"

// sections are the parts of a text, without their headings: what stands before
// the first "## ", and then one for each.
const (
	sectionNew = iota + 1
	sectionTry
	sectionWrong
	sectionNext
	sections
)

// section is one part of a text, with its heading; "" if there is none.
func section(text string, n int) string {
	parts := strings.Split("\n"+text, "\n## ")
	if n >= len(parts) {
		return ""
	}
	if n == 0 {
		return strings.TrimSpace(parts[0]) + "\n"
	}
	return "## " + strings.TrimSpace(parts[n]) + "\n"
}
