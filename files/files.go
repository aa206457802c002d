// Package files is an [http.Handler] that serves a folder and cannot leave it.
//
//	h, err := files.New("public", files.Options{})
//	…
//	defer h.Close()
//	http.Handle("/", h)
//
// The way of a request:
//
//	path ─ placeOf ─ a name, or 404           path.go: decided from the text alone
//	name ─ open ─ descriptor and facts, or 404    open.go: the kernel keeps us inside
//	facts ─ condition ─ 304, 412, or go on    condition.go
//	Range ─ rangesOf ─ 206, 416, or the whole ranges.go
//	bytes                                     send.go
//
// It uses no server of ours: any net/http-compatible server can run it. A
// server whose ResponseWriter implements io.ReaderFrom is handed the
// *os.File, inside an io.LimitedReader, and may use sendfile(2).
//
// # What is served
//
// The name that is opened is the path, percent-decoded once, byte for byte.
// Nothing is cleaned, joined or guessed: a path with an empty segment, or
// with "." or "..", names nothing. A path that ends in "/" means the folder:
// its index.html, or its listing. A folder asked for without the slash is
// redirected to it, relative to the request, so that the answer cannot name
// another host. index.html itself is served under its own name too.
//
// Everything else is 404, with one text, so that the answer tells nobody
// which rule it was: names that start with a dot (save /.well-known/, which
// RFC 8615 makes for being public), links that lead outside, whatever is not
// a regular file or a folder, NUL, backslash, encoded separators. A link
// inside the folder is followed, also to a name with a dot: whoever made the
// link wanted it seen (mounted volumes of container systems are made so).
//
// # Listings
//
// A folder without index.html is listed: as HTML, in English or Japanese by
// Accept-Language, or as JSON when Accept prefers application/json. The
// queries sort=name|size|time and order=asc|desc order it, folders first.
// [Listing] is the schema of the JSON. A listing holds exactly what can be
// opened, at most [Options.MaxEntries] of it.
package files

import (
	"errors"
	"io/fs"
	"log"
	"net/http"
	"os"
	"time"
)

// Options says what a [Handler] does beyond the rules that it always keeps.
// The zero value is the safe default.
type Options struct {
	// NoListing answers 404 for a folder that has no index.html.
	NoListing bool

	// MaxEntries bounds a listing: of a larger folder, the first by name are
	// shown, and the page says how many of how many. Zero means 1000.
	MaxEntries int

	// CacheControl is sent with every file. Empty means "no-cache": keep it,
	// but ask each time (which costs a 304), so that nobody sees a file as
	// it was.
	CacheControl string

	// Recheck is for how long what is known of a file is believed without
	// asking the kernel again. It counts only for files that had not been
	// changed for two seconds, so that who edits and looks sees the edit; but
	// a version that was asked for just before the edit may be seen until
	// Recheck is over. Zero means 100 ms, negative: ask each time.
	Recheck time.Duration

	// Keep bounds the memory, in bytes, for what is known of files and for the
	// contents of those of at most 32 KiB, or 64 KiB if they are asked for
	// again. Zero means 16 MiB, negative: none.
	Keep int64

	// ErrorLog gets what the visitor is not told: the system's words behind
	// a 500 or 503. Nil means the log package's standard logger.
	ErrorLog *log.Logger
}

const (
	defaultMaxEntries   = 1000
	defaultCacheControl = "no-cache"
)

// Handler serves one folder. It is safe for concurrent use. [New] makes it.
type Handler struct {
	tree         *tree
	options      Options
	cacheControl []string
	shelf        *shelf
	now          func() time.Time
}

// New opens the folder dir, relative to the working directory, and keeps it
// open: a later rename of dir changes nothing. It is an error if dir is
// missing, is not a folder, may not be opened, or if an option makes no
// sense. The caller gives the folder back with [Handler.Close].
func New(dir string, o Options) (*Handler, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, whyNotRoot(dir, err)
	}
	t, err := newTree(root)
	if err != nil {
		root.Close()
		return nil, whyNotRoot(dir, err)
	}
	if o.MaxEntries == 0 {
		o.MaxEntries = defaultMaxEntries
	}
	if o.CacheControl == "" {
		o.CacheControl = defaultCacheControl
	}
	return &Handler{tree: t, options: o, cacheControl: only(o.CacheControl), shelf: newShelf(o), now: time.Now}, nil
}

// Close gives the folder's descriptors back. Answers that are being sent are
// sent to the end; later requests get 503. Closing twice is harmless.
func (h *Handler) Close() error {
	h.shelf.close()
	return h.tree.close()
}

// ServeHTTP answers GET, HEAD and OPTIONS; another method gets 405. When a
// file turns out shorter than was announced, it panics with
// [http.ErrAbortHandler]: the connection ends, and nobody takes half a file
// for a whole one.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Content-Type-Options"] = nosniff
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		w.Header()["Allow"] = allow
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header()["Allow"] = allow
		refuse(w, r, http.StatusMethodNotAllowed)
		return
	}
	at, ok := placeOf(r.URL.Path, r.URL.RawPath)
	switch {
	case !ok:
		refuse(w, r, http.StatusNotFound)
	case at.folder:
		h.serveFolder(w, r, at)
	default:
		h.serveName(w, r, at)
	}
}

// serveFolder answers a path that ends in a slash. index.html is opened
// first, and the folder itself only for a listing: the usual case is one open.
func (h *Handler) serveFolder(w http.ResponseWriter, r *http.Request, at place) {
	index := at.inside("index.html")
	now := h.now()
	if v := h.shelf.get(index, now); v != nil {
		h.serveVersion(w, r, index, v, now)
		return
	}
	o, err := h.tree.open(index)
	if err == nil {
		defer o.close()
		if o.kind == regular {
			h.serveOpened(w, r, index, &o, now)
			return
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		h.refuseFor(w, r, err)
		return
	}
	if h.options.NoListing {
		refuse(w, r, http.StatusNotFound)
		return
	}
	h.serveListing(w, r, at)
}

// serveName answers a path without a slash at its end.
func (h *Handler) serveName(w http.ResponseWriter, r *http.Request, at place) {
	now := h.now()
	if v := h.shelf.get(at.name, now); v != nil {
		h.serveVersion(w, r, at.name, v, now)
		return
	}
	o, err := h.tree.open(at.name)
	if err != nil {
		h.refuseFor(w, r, err)
		return
	}
	defer o.close()
	switch o.kind {
	case regular:
		h.serveOpened(w, r, at.name, &o, now)
	case folder:
		redirectToFolder(w, r, at)
	default:
		refuse(w, r, http.StatusNotFound)
	}
}

// redirectToFolder sends the client to the same name with a slash. The
// reference is relative and starts with "./", so it can neither name a host
// ("//evil") nor a scheme ("javascript:"), and it is right under
// http.StripPrefix as well (RFC 3986, 4.2).
func redirectToFolder(w http.ResponseWriter, r *http.Request, at place) {
	to := "./" + escapeName(at.base()) + "/"
	if q := r.URL.RawQuery; q != "" && isPlainQuery(q) {
		to += "?" + q
	}
	header := w.Header()
	header["Location"] = only(to)
	header["Cache-Control"] = noCache // the folder may be a file tomorrow
	header["Content-Length"] = zero
	w.WriteHeader(http.StatusMovedPermanently)
}

// isPlainQuery reports whether q can stand in a field value as it is.
func isPlainQuery(q string) bool {
	for i := range len(q) {
		if q[i] <= ' ' || q[i] >= 0x7f {
			return false
		}
	}
	return true
}

// The values below are shared by all answers: nobody changes a slice that a
// header holds, Add and Set replace it.
var (
	nosniff = only("nosniff")
	allow   = only("GET, HEAD, OPTIONS")
	noCache = only("no-cache")
	inBytes = only("bytes")
	zero    = only("0")
)

// only is a header value of one line. Its capacity is its length, so that
// Header.Add makes a copy.
func only(v string) []string { return []string{v} }
