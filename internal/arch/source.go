package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// Module is our import path.
const Module = "github.com/genkan-http/genkan"

// Source is one Go file of the module, parsed.
type Source struct {
	Name  string // path below the module's root, with slashes
	Lines int
	Test  bool // a _test.go file

	fset *token.FileSet
	file *ast.File
}

// Folder is the folder of the file's package, "." for the root.
func (s *Source) Folder() string { return path.Dir(s.Name) }

// Imports are the import paths of the file.
func (s *Source) Imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "`\""))
	}
	return paths
}

// at names a place in the file, for a message.
func (s *Source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.Name, s.fset.Position(pos).Line)
}

// Read parses every Go file below root, whatever system it is for: build
// constraints are not looked at, so that a rule holds on all systems at once.
// Folders named testdata, hidden ones, and modules of their own are left out,
// as the go command does.
func Read(root fs.FS) ([]*Source, error) {
	var sources []*Source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enter(root, name)
		case path.Ext(name) != ".go":
			return nil
		}
		source, err := parse(root, name)
		if err != nil {
			return err
		}
		sources = append(sources, source)
		return nil
	})
	return sources, err
}

// enter says whether a folder belongs to the module.
func enter(root fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	if base == "testdata" || base == "vendor" || base[0] == '.' || base[0] == '_' {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func parse(root fs.FS, name string) (*Source, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &Source{
		Name:  name,
		Lines: strings.Count(string(text), "\n"),
		Test:  strings.HasSuffix(name, "_test.go"),
		fset:  fset,
		file:  file,
	}, nil
}
