package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

// CheckLength returns the files and functions that are longer than the bounds
// and not listed with a reason, and the listings that nothing needs any more.
func CheckLength(sources []*Source) []string {
	var broken []string
	long := map[string]bool{}
	for _, source := range sources {
		bound := MaxFileLines
		if source.Test {
			bound = MaxTestFileLines
		}
		if source.Lines > bound {
			long[source.Name] = true
			if LongFiles[source.Name] == "" {
				broken = append(broken, fmt.Sprintf("%s has %d lines, more than %d: is it one thing? If so, say why in arch.LongFiles",
					source.Name, source.Lines, bound))
			}
		}
		if !source.Test {
			broken = append(broken, source.functions(long)...)
		}
	}
	broken = append(broken, stale("LongFiles", LongFiles, func(name string) bool { return long[name] })...)
	return append(broken, stale("LongFunctions", LongFunctions, func(name string) bool { return long[name] })...)
}

// functions returns the functions of the file that are too long, and enters
// their names into long.
func (s *Source) functions(long map[string]bool) []string {
	var broken []string
	for _, decl := range s.file.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := s.fset.Position(function.End()).Line - s.fset.Position(function.Pos()).Line + 1
		if lines <= MaxFunctionLines {
			continue
		}
		name := s.Name + ":" + function.Name.Name
		long[name] = true
		if LongFunctions[name] == "" {
			broken = append(broken, fmt.Sprintf("%s has %d lines, more than %d: divide it, or say in arch.LongFunctions why it is one thing",
				name, lines, MaxFunctionLines))
		}
	}
	return broken
}

// stale returns the entries of a list of exceptions that are not needed.
func stale(list string, entries map[string]string, needed func(name string) bool) []string {
	var broken []string
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if !needed(name) {
			broken = append(broken, fmt.Sprintf("arch.%s lists %s, which no longer needs it: remove the line", list, name))
		}
	}
	return broken
}
