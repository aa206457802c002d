// Package page holds the live page that shows a watched server: one document,
// one style sheet and ES modules, embedded as they are written. There is no
// build step, no framework and no request to anywhere but the address that the
// page came from.
//
//	index.html   the frame and the drawings
//	page.css     light, dark, narrow, printed
//	js/page.js   joins the others; each module opens with what it is
//
// The page asks for its data below its own address (api/stream, api/exchanges
// and so on), so it needs whoever serves those beside it: package watch.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed index.html page.css js/*.js
var assets embed.FS

// Policy is the Content-Security-Policy that the page lives under: its own
// scripts, styles and API, and pictures that are part of a document. No script
// or style stands inside the document, nothing is asked of anyone else, and
// browsers that know Trusted Types make markup of no text at all.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// contentTypes names what may be served. What has no line here is not served.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

// asset is one file as it is sent.
type asset struct {
	body        []byte
	contentType string
	etag        string
}

// Handler serves the page at / and its parts at /page.css and /js/. The
// document is not stored by browsers; its parts are, and are asked about with
// their entity tags. Paths that are no asset get 404, methods other than GET
// and HEAD get 405. It may be used by many goroutines at once.
func Handler() http.Handler {
	served, err := load(assets)
	if err != nil {
		panic(err) // the files are part of the program: this cannot be
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the page is only read: use GET or HEAD", http.StatusMethodNotAllowed)
			return
		}
		a.send(w, r)
	})
}

func (a *asset) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Type", a.contentType)
	if a.etag == "" {
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", a.etag)
		if same(r.Header.Get("If-None-Match"), a.etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(a.body)))
	if r.Method == http.MethodGet {
		w.Write(a.body)
	}
}

// load reads the files and gives each the path that it is served at.
func load(files fs.FS) (map[string]*asset, error) {
	served := map[string]*asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contentType := contentTypes[path.Ext(name)]
		if contentType == "" {
			return fmt.Errorf("page: %s has no content type in contentTypes: give it one, or do not embed it", name)
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		a := &asset{body: body, contentType: contentType}
		if name == "index.html" {
			served["/"] = a
			return nil
		}
		sum := sha256.Sum256(body)
		a.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
		served["/"+name] = a
		return nil
	})
	return served, err
}

// same reports whether If-None-Match names the entity tag (RFC 9110 13.1.2:
// the weak comparison).
func same(field, etag string) bool {
	for candidate := range strings.SplitSeq(field, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == etag {
			return true
		}
	}
	return false
}
