package arch

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const root = "../.."

func module(t *testing.T) []*Source {
	t.Helper()
	sources, err := Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) == 0 {
		t.Fatal("found no Go file: the rules would hold of nothing")
	}
	return sources
}

func report(t *testing.T, broken []string) {
	t.Helper()
	for _, rule := range broken {
		t.Error(rule)
	}
}

func TestImports(t *testing.T) { report(t, CheckImports(module(t))) }

func TestText(t *testing.T) { report(t, CheckText(module(t))) }

func TestLength(t *testing.T) { report(t, CheckLength(module(t))) }

// TestCore asks the go command, for each system, what importing the server
// brings in: the table above binds direct imports, this binds all of them.
func TestCore(t *testing.T) {
	for _, system := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"} {
		goos, goarch, _ := strings.Cut(system, "/")
		list := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")
		list.Dir = root
		list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			t.Fatalf("%s: go list -deps: %v%s", system, err, stderr(err))
		}
		report(t, CheckCore(system, strings.Fields(string(out))))
	}
}

func stderr(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return "\n" + string(exit.Stderr)
	}
	return ""
}
