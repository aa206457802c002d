package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func archive(t *testing.T, text string) (packed []byte, sum string) {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	files := tar.NewWriter(zipped)
	if err := files.WriteHeader(&tar.Header{Name: "package/lib/a.js", Mode: 0o644, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	files.Write([]byte(text))
	files.Close()
	zipped.Close()
	hash := sha256.Sum256(b.Bytes())
	return b.Bytes(), hex.EncodeToString(hash[:])
}

// An archive that is there is read; one that somebody else has put there is not.
func TestFetch(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // without npm
	dir := t.TempDir()
	packed, sum := archive(t, "alert()")
	p := Package{"nobody-has-this", "1.0.0", sum}
	if _, err := p.Fetch(dir); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "npm is not installed") {
		t.Errorf("without npm: %v", err)
	}
	keep(filepath.Join(dir, "genkan-npm", "nobody-has-this-1.0.0.tgz"), packed)
	files, err := p.Fetch(dir)
	if err != nil || string(files["lib/a.js"]) != "alert()" {
		t.Errorf("%q, %v", files, err)
	}
	other, _ := archive(t, "attack()")
	keep(filepath.Join(dir, "genkan-npm", "nobody-has-this-1.0.0.tgz"), other)
	if files, err := p.Fetch(dir); !errors.Is(err, ErrMissing) || files != nil {
		t.Errorf("another archive: %q, %v", files, err)
	}
	if err := p.check(other); err == nil || !strings.Contains(err.Error(), sum) {
		t.Errorf("another archive from the registry: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "genkan-npm")); len(left) != 1 {
		t.Errorf("%d files are kept", len(left))
	}
}
