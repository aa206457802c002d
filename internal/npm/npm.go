// Package npm fetches what tests judge with and npm alone has: axe-core for
// pages, JSON schemas for exports. Nothing of it is installed or run by itself:
// a package is fetched as an archive, once, into the folder for temporary
// files, and its files are read out of it. Which archive it must be is said by
// its hash, so neither the registry nor that folder is trusted.
package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Package is one version of a package.
type Package struct {
	Name, Version string
	SHA256        string // of the archive, in hexadecimal
}

// ErrMissing is of a machine on which the package cannot be had: npm is not
// installed, or does not reach its registry within half a minute.
var ErrMissing = errors.New("npm: the package cannot be had")

// Files are a package's files by their names, such as "lib/index.js". The test
// is skipped where they cannot be had, saying what was not judged.
func Files(t *testing.T, p Package, what string) map[string][]byte {
	t.Helper()
	files, err := p.Fetch(os.TempDir())
	if errors.Is(err, ErrMissing) {
		t.Skipf("%v: %s", err, what)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Fetch is a package's files; the archive is kept in a folder below dir.
func (p Package) Fetch(dir string) (map[string][]byte, error) {
	kept := filepath.Join(dir, "genkan-npm", p.Name+"-"+p.Version+".tgz")
	archive, err := os.ReadFile(kept)
	if err != nil || p.check(archive) != nil {
		if archive, err = p.pack(); err != nil {
			return nil, err
		}
		if err = p.check(archive); err != nil {
			return nil, err
		}
		keep(kept, archive)
	}
	return unpack(archive)
}

func (p Package) check(archive []byte) error {
	if sum := sha256.Sum256(archive); hex.EncodeToString(sum[:]) != p.SHA256 {
		return fmt.Errorf("npm: the archive of %s@%s has the SHA-256 %x, not %s: it is another one than was looked at", p.Name, p.Version, sum, p.SHA256)
	}
	return nil
}

// pack asks npm for the archive.
func (p Package) pack() ([]byte, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, fmt.Errorf("%w (npm is not installed)", ErrMissing)
	}
	dir, err := os.MkdirTemp("", "genkan-npm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "pack", "--loglevel=error", "--fetch-retries=0", "--fetch-timeout=20000", "--pack-destination", dir, p.Name+"@"+p.Version)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w (npm cannot fetch %s@%s: %v: %s)", ErrMissing, p.Name, p.Version, err, strings.Join(strings.Fields(string(out)), " "))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return nil, fmt.Errorf("npm: npm pack left %d archives, not one (%v)", len(archives), err)
	}
	return os.ReadFile(archives[0])
}

// keep writes the archive for the next test, whole or not at all. Where that
// cannot be, the next one fetches it again.
func keep(name string, archive []byte) {
	if os.MkdirAll(filepath.Dir(name), 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(filepath.Dir(name), "part-")
	if err != nil {
		return
	}
	_, err = file.Write(archive)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
}

// unpack reads the archive, in which all names begin with one folder's.
func unpack(archive []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("npm: %w", err)
	}
	files := map[string][]byte{}
	for list := tar.NewReader(unzipped); ; {
		header, err := list.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("npm: %w", err)
		}
		text, err := io.ReadAll(list)
		if err != nil {
			return nil, fmt.Errorf("npm: %w", err)
		}
		_, name, _ := strings.Cut(header.Name, "/")
		files[name] = text
	}
}
