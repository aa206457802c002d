package arch

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// unfinished is written in two pieces, so that this file is not its own finding.
var unfinished = regexp.MustCompile(`\b(` + "TO" + `DO|FIX` + `ME)\b`)

// forbidden are compiler directives that must not be used, with the reason.
var forbidden = []Ban{
	{"//go:norace", "code that the race detector does not see is code that nobody has checked"},
	{"//go:linkname", "what another package does not export may change with any release of Go"},
}

// vague are file names that say nothing about what the file does.
var vague = []string{"util", "utils", "common", "helper", "helpers", "types", "misc"}

// CheckText returns what must not be written: forbidden directives, build tags
// that swap code under the race detector, unfinished work, unsafe outside
// [Unsafe], file names that say nothing.
func CheckText(sources []*Source) []string {
	var broken []string
	for _, source := range sources {
		broken = append(broken, source.comments()...)
		for _, imported := range source.Imports() {
			if imported == "unsafe" && Unsafe[source.Name] == "" {
				broken = append(broken, source.Name+` imports "unsafe" and has no reason in arch.Unsafe`)
			}
		}
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(source.Name), ".go"), "_test")
		for _, name := range vague {
			if base == name {
				broken = append(broken, source.Name+": a file is named after the one thing that it does")
			}
		}
	}
	return append(broken, stale("Unsafe", Unsafe, func(name string) bool {
		return importsUnsafe(sources, name)
	})...)
}

func (s *Source) comments() []string {
	var broken []string
	for _, group := range s.file.Comments {
		for _, comment := range group.List {
			for _, ban := range forbidden {
				if strings.HasPrefix(comment.Text, ban.Import) {
					broken = append(broken, fmt.Sprintf("%s: %s: %s", s.at(comment.Pos()), ban.Import, ban.Why))
				}
			}
			if raceTag.MatchString(comment.Text) {
				broken = append(broken, s.at(comment.Pos())+": a build tag on race: the race detector must see the code that runs without it")
			}
			if word := unfinished.FindString(comment.Text); word != "" {
				broken = append(broken, fmt.Sprintf("%s: %s: finish it, or say in a plain sentence what is not done", s.at(comment.Pos()), word))
			}
		}
	}
	return broken
}

var raceTag = regexp.MustCompile(`^//go:build\b.*\brace\b`)

func importsUnsafe(sources []*Source, name string) bool {
	for _, source := range sources {
		if source.Name != name {
			continue
		}
		for _, imported := range source.Imports() {
			if imported == "unsafe" {
				return true
			}
		}
	}
	return false
}
