package genkan_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/internal/arch"
)

// What the documents say is held to the code: both READMEs say the same, their
// programs build, their links lead somewhere, and what they claim to have seen
// is seen again (readmerun_test.go).

var documents = []string{"README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced is a block of code: the word after the fence, and what follows.
type fenced struct{ kind, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func codeOf(text string) (all []fenced) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		all = append(all, fenced{m[1], m[2]})
	}
	return all
}

// console is the block whose first line is this command, without that line.
func console(t *testing.T, name, command string) string {
	t.Helper()
	for _, block := range codeOf(document(t, name)) {
		if first, rest, _ := strings.Cut(block.text, "\n"); first == "$ "+command {
			return rest
		}
	}
	t.Fatalf("%s shows no run of %q", name, command)
	return ""
}

var (
	heading    = regexp.MustCompile(`(?m)^#+ `)
	row        = regexp.MustCompile(`(?m)^\|`)
	item       = regexp.MustCompile(`(?m)^\* `)
	link       = regexp.MustCompile(`\]\(([^)]*)\)|<(https?://[^>]*)>`)
	codeInText = regexp.MustCompile("`genkan [^`]*`|`python3 [^`]*`|`--lang [^`]*`")
)

// TestReadmesSayTheSame compares what can be compared without reading both.
func TestReadmesSayTheSame(t *testing.T) {
	en, ja := document(t, "README.md"), document(t, "README.ja.md")
	if got, want := codeOf(ja), codeOf(en); !reflect.DeepEqual(got, want) {
		t.Errorf("blocks of code in Japanese:\n%v\nand in English:\n%v", got, want)
	}
	// Without the code, in which # and | mean something else.
	en, ja = fence.ReplaceAllString(en, ""), fence.ReplaceAllString(ja, "")
	en = strings.Replace(en, "(README.ja.md)", "(the other one)", 1)
	ja = strings.Replace(ja, "(README.md)", "(the other one)", 1)
	for _, part := range []struct {
		name    string
		pattern *regexp.Regexp
	}{{"headings", heading}, {"table rows", row}, {"list items", item}, {"links", link}, {"commands", codeInText}} {
		got, want := part.pattern.FindAllString(ja, -1), part.pattern.FindAllString(en, -1)
		slices.Sort(got) // a sentence has another order in Japanese
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s in Japanese: %q\nand in English: %q", part.name, got, want)
		}
	}
}

// TestLinks follows each link that stays in the project, to the heading too.
func TestLinks(t *testing.T) {
	for _, name := range documents {
		for _, m := range link.FindAllStringSubmatch(document(t, name), -1) {
			file, part, _ := strings.Cut(m[1], "#")
			if m[2] != "" || strings.Contains(file, "://") {
				continue
			}
			if file == "" {
				file = name
			}
			if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
				t.Errorf("%s links to %s: %v", name, file, err)
			} else if part != "" && !slices.Contains(anchors(document(t, file)), part) {
				t.Errorf("%s links to %s, and %s has no such heading", name, m[1], file)
			}
		}
	}
}

// anchors are the names by which headings are linked to.
func anchors(text string) (all []string) {
	for line := range strings.Lines(fence.ReplaceAllString(text, "")) {
		if title := strings.TrimLeft(line, "#"); title != line {
			title = strings.ToLower(strings.TrimSpace(title))
			title = regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(title, "")
			all = append(all, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return all
}

// TestFilesNamed looks for each file that the documents name in code.
func TestFilesNamed(t *testing.T) {
	file := regexp.MustCompile("`((?:[a-z0-9_]+/)*[a-z0-9_]+\\.(?:go|md)|(?:[a-z0-9_]+/)+)`")
	for _, name := range documents {
		for _, m := range file.FindAllStringSubmatch(document(t, name), -1) {
			if _, err := os.Stat(filepath.FromSlash(m[1])); err != nil {
				t.Errorf("%s names %s: %v", name, m[1], err)
			}
		}
	}
}

// TestTestsNamed: each test that the documents say to run exists.
func TestTestsNamed(t *testing.T) {
	run := regexp.MustCompile(`go test (\.\S*) (?:-run '\^\$' -fuzz '\^(\w+)\$'|-run '?([\w\\|]+)'?)`)
	found := 0
	for _, name := range documents {
		for _, m := range run.FindAllStringSubmatch(document(t, name), -1) {
			// In a table a bar is written with a backslash.
			for pattern := range strings.SplitSeq(strings.ReplaceAll(m[2]+m[3], `\`, ""), "|") {
				if !slices.ContainsFunc(testsIn(t, m[1]), regexp.MustCompile(pattern).MatchString) {
					t.Errorf("%s says %q, and there is no test %s in %s", name, m[0], pattern, m[1])
				}
				found++
			}
		}
	}
	if found == 0 {
		t.Error("found no command: the check would hold of nothing")
	}
}

// testsIn are the names of the tests and fuzz targets of a folder.
func testsIn(t *testing.T, folder string) (names []string) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(document(t, file), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// TestNothingIsLeftOpen: no mark of something to be written later, and no word
// about what is not part of the project.
func TestNothingIsLeftOpen(t *testing.T) {
	open := regexp.MustCompile(`(?i)\b(TO` + `DO|FIX` + `ME|TB` + `D|XX` + `X|lorem)\b|goes here|\.\./|/(home|root|work)/`)
	for _, name := range documents {
		for i, line := range strings.Split(document(t, name), "\n") {
			if found := open.FindString(line); found != "" {
				t.Errorf("%s:%d: %q", name, i+1, found)
			}
		}
	}
}

// TestReadmeProgramsBuild builds each Go program that the README shows.
func TestReadmeProgramsBuild(t *testing.T) {
	built := 0
	for _, block := range codeOf(document(t, "README.md")) {
		if block.kind != "go" {
			continue
		}
		dir := t.TempDir()
		program := filepath.Join(dir, "main.go")
		if err := os.WriteFile(program, []byte(block.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "vet", program).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, out, block.text)
		}
		if out, err := exec.Command("gofmt", "-l", program).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("gofmt would change it: %v\n%s", err, block.text)
		}
		built++
	}
	if built == 0 {
		t.Error("README.md has no program")
	}
}

// TestDependenciesAreExplained: each module that go.mod asks for stands in
// ARCHITECTURE.md with its reason, and no other.
func TestDependenciesAreExplained(t *testing.T) {
	_, text, _ := strings.Cut(document(t, "ARCHITECTURE.md"), "\n## Dependencies\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var said, needed []string
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range regexp.MustCompile("`([^`]+/[^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				said = append(said, m[1])
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(document(t, "go.mod"), -1) {
		needed = append(needed, strings.TrimPrefix(m[1], "github.com/"))
	}
	slices.Sort(said)
	slices.Sort(needed)
	if !slices.Equal(said, needed) {
		t.Errorf("ARCHITECTURE.md explains %q, go.mod requires %q", said, needed)
	}
}

// TestRoomsAreDescribed holds the tables of who may import whom, and the map of
// the folders, to the law itself.
func TestRoomsAreDescribed(t *testing.T) {
	architecture := document(t, "ARCHITECTURE.md")
	_, table, _ := strings.Cut(architecture, "| room | may import |")
	table, _, _ = strings.Cut(table, "\n\n")
	code := regexp.MustCompile("`([^`]+)`")
	said := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !code.MatchString(cells[1]) {
			continue
		}
		may, never, _ := strings.Cut(cells[2], "; not ")
		said[code.FindStringSubmatch(cells[1])[1]] = fmt.Sprint(inCode(may), " never ", inCode(never))
	}
	for i, room := range arch.Rooms {
		if arch.RoomOf(room.Path) != &arch.Rooms[i] {
			continue // another row binds
		}
		name := room.Path
		if name == "." {
			name = "genkan"
		}
		var ours, never []string
		for _, o := range room.Ours {
			ours = append(ours, strings.Replace(o, ".", "genkan", 1))
		}
		for _, ban := range room.Never {
			never = append(never, ban.Import)
		}
		slices.Sort(ours)
		slices.Sort(never)
		if want := fmt.Sprint(ours, " never ", never); said[name] != want {
			t.Errorf("ARCHITECTURE.md lets %s import %q; internal/arch: %q", name, said[name], want)
		}
		delete(said, name)
		if folder := strings.TrimSuffix(room.Path, "/sockettest"); room.Path != "." && !strings.Contains(document(t, "README.md"), "| `"+folder+"/` |") {
			t.Errorf("README.md's map lacks %s/", folder)
		}
	}
	if len(said) > 0 {
		t.Errorf("ARCHITECTURE.md has rooms that internal/arch does not know: %v", said)
	}
}

// inCode are the words that stand between backquotes, in order.
func inCode(text string) (words []string) {
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		words = append(words, m[1])
	}
	slices.Sort(words)
	return words
}

// TestFieldsOfServer: README and ARCHITECTURE say in what Server differs from
// http.Server.
func TestFieldsOfServer(t *testing.T) {
	theirs, ours := exported[http.Server](), exported[genkan.Server]()
	missing := without(theirs, ours)
	if want := []string{"TLSNextProto"}; !slices.Equal(missing, want) {
		t.Errorf("Server lacks %q of http.Server's fields and methods; the documents say %q", missing, want)
	}
	if added, want := without(ours, theirs), []string{"Conns", "Kernel", "Listen", "Logger", "MaxConns", "OnRefused", "Refuse", "Refused", "TrustUnixProxies", "TrustedProxies", "Watch"}; !slices.Equal(added, want) {
		t.Errorf("Server has %q beyond http.Server; ARCHITECTURE.md says %q", added, want)
	}
}

// exported are the names of T's exported fields and of *T's methods.
func exported[T any]() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	pointer := reflect.TypeFor[*T]()
	for i := range pointer.NumMethod() {
		names = append(names, pointer.Method(i).Name)
	}
	slices.Sort(names)
	return names
}

func without(all, these []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(these, s) })
}
