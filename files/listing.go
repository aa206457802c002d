package files

// Reading a folder. The listing holds exactly what could be opened: no dot
// files, no links that lead outside or nowhere, no devices. Its cost is
// bounded: up to countedNames names are read, and Options.MaxEntries of them
// are looked at.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"
)

// countedNames is how many names of a folder are read at most. Beyond it the
// total is only known to be larger.
const countedNames = 100_000

// Listing is a folder as JSON shows it.
type Listing struct {
	Path    string  `json:"path"`    // from the root of the handler, percent-encoded, with slashes at both ends
	Entries []Entry `json:"entries"` // folders first, then as sort and order say
	Shown   int     `json:"shown"`   // how many entries there are here
	Total   int     `json:"total"`   // how many the folder has; above Shown, the first by name are here, and the rest was not looked at: links among it may lead nowhere
	AtLeast bool    `json:"atLeast"` // the folder has even more than Total: it was not read to its end
	Sort    string  `json:"sort"`    // "name", "size" or "time"
	Order   string  `json:"order"`   // "asc" or "desc"
}

// Entry is a file or a folder of a [Listing].
type Entry struct {
	Name     string    `json:"name"`              // as text: what is not UTF-8 becomes U+FFFD
	Type     string    `json:"type"`              // "file" or "folder"; what a link leads to, for a link
	Size     *int64    `json:"size,omitempty"`    // bytes; folders have none
	Modified time.Time `json:"modified,omitzero"` // RFC 3339, UTC; absent if the year has not four digits
	Path     string    `json:"path"`              // as Listing.Path, exact; folders end in a slash
}

func (e Entry) isFolder() bool { return e.Type == "folder" }

// serveListing answers GET or HEAD with the folder's entries.
func (h *Handler) serveListing(w http.ResponseWriter, r *http.Request, at place) {
	by := orderOf(r.URL.Query())
	list, err := h.list(r.Context(), at, by)
	if err != nil {
		h.refuseFor(w, r, err)
		return
	}
	header := w.Header()
	header["Vary"] = varyByForm
	header["Cache-Control"] = noCache
	var body bytes.Buffer
	if prefersJSON(r.Header["Accept"]) {
		header["Content-Type"] = asJSON
		err = json.NewEncoder(&body).Encode(list)
	} else {
		header["Content-Type"] = asHTML
		header["Content-Security-Policy"] = policy
		err = writeListing(&body, list, at, by, wordsFor(r.Header["Accept-Language"]))
	}
	if err != nil {
		h.refuseFor(w, r, err)
		return
	}
	header["Content-Length"] = only(strconv.Itoa(body.Len()))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		w.Write(body.Bytes())
	}
}

// list reads the folder at.
func (h *Handler) list(ctx context.Context, at place, by order) (*Listing, error) {
	// With "/." at its end the last name is opened as a folder on the way,
	// too: a fifo that takes its place is refused and not waited for.
	dir, err := h.tree.root.OpenRoot(at.name + "/.")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, all, err := servedNames(ctx, dir)
	if err != nil {
		return nil, err
	}
	list := &Listing{Path: pathOf(at), Total: len(names), AtLeast: !all, Sort: by.key, Order: by.direction(), Entries: []Entry{}}
	if len(names) > h.options.MaxEntries {
		names = names[:h.options.MaxEntries]
	}
	for _, name := range names {
		info, err := dir.Lstat(name)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = h.tree.root.Stat(at.inside(name)) // from the root: a link may lead anywhere inside
		}
		entry, ok := entryOf(list.Path, name, info, err)
		if !ok {
			list.Total--
			continue
		}
		list.Entries = append(list.Entries, entry)
	}
	list.Shown = len(list.Entries)
	by.apply(list.Entries)
	return list, nil
}

// servedNames are the names in dir that may be served, sorted, at most
// countedNames; all says whether those are all.
func servedNames(ctx context.Context, dir *os.Root) (names []string, all bool, err error) {
	folder, err := dir.Open(".")
	if err != nil {
		return nil, false, err
	}
	defer folder.Close()
	for len(names) < countedNames {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		batch, err := folder.Readdirnames(1024)
		for _, name := range batch {
			if isServed(name) {
				names = append(names, name)
			}
		}
		if errors.Is(err, io.EOF) {
			all = true
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	slices.SortFunc(names, compareNames)
	return names, all, nil
}

// entryOf makes the entry, if the name is of something that is served.
func entryOf(parent, name string, info fs.FileInfo, err error) (Entry, bool) {
	if err != nil {
		return Entry{}, false // gone meanwhile, or a link that leads outside
	}
	entry := Entry{Name: name, Path: parent + escapeName(name)}
	switch facts := factsOf(info); facts.kind {
	case regular:
		entry.Type, entry.Size = "file", &facts.size
	case folder:
		entry.Type = "folder"
		entry.Path += "/"
	default:
		return Entry{}, false
	}
	if modified := info.ModTime().UTC().Truncate(time.Second); modified.Year() >= 1 && modified.Year() <= 9999 {
		entry.Modified = modified
	}
	return entry, true
}

// pathOf is the folder's path from the root, percent-encoded.
func pathOf(at place) string {
	path := "/"
	for _, segment := range at.segments() {
		path += escapeName(segment) + "/"
	}
	return path
}
