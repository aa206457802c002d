package files

// The pages, as HTML: page.html and page.css, which are part of the program.
// They hold no script, ask for nothing from elsewhere, and say so in a
// Content-Security-Policy that allows the one style sheet by its hash.

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"path"
	"strings"
	"time"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Parse(pageHTML))

// policy lets a page be a page and nothing more: its style, and the little
// picture in the tab.
var policy = only("default-src 'none'; style-src '" + styleHash(pageCSS) + "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")

func styleHash(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// frame is what all pages have.
type frame struct {
	Say   *words
	Style template.CSS
	Title string
}

// listingPage is what page.html shows of a [Listing].
type listingPage struct {
	frame
	Crumbs  []crumb
	IsRoot  bool
	Count   string // "2 folders, 11 files"
	Bytes   string // all files together; "" if there are none
	Notice  string // that there are more entries than shown; "" if not
	Columns []column
	Rows    []row
}

// crumb is a step of the way from the root. The last is the page itself and
// has no reference.
type crumb struct{ Text, Ref string }

// column is a head of the table: a link that sorts by it.
type column struct {
	Class, Label, Ref string
	Sort              string // for aria-sort: "ascending", "descending" or ""
}

// row is an entry, in words.
type row struct {
	Name, Ref, Icon  string
	Folder           bool
	Size, ExactSize  string
	Date, Clock      string
	Moment, ExactDay string // RFC 3339; with the zone, for people
}

func writeListing(w io.Writer, list *Listing, at place, by order, say *words) error {
	p := listingPage{
		frame:  frame{Say: say, Style: template.CSS(pageCSS), Title: say.Root},
		IsRoot: at.name == ".",
		Crumbs: crumbsTo(at, say),
	}
	if !p.IsRoot {
		p.Title = displayName(at.base())
	}
	folders, bytes := 0, int64(0)
	for _, e := range list.Entries {
		if e.isFolder() {
			folders++
		} else {
			bytes += *e.Size
		}
		p.Rows = append(p.Rows, rowOf(e))
	}
	p.Count = say.count(folders, list.Shown-folders)
	if folders < list.Shown {
		p.Bytes = humanSize(bytes)
	}
	if list.AtLeast || list.Total > list.Shown {
		p.Notice = say.shownOf(list.Shown, list.Total, list.AtLeast)
	}
	for _, c := range [...]column{{Class: "name", Label: say.Name}, {Class: "size", Label: say.Size}, {Class: "time", Label: say.Time}} {
		c.Ref = by.link(c.Class)
		if by.key == c.Class {
			c.Sort = by.direction() + "ending"
		}
		p.Columns = append(p.Columns, c)
	}
	return page.ExecuteTemplate(w, "listing", p)
}

func writeRefusal(w io.Writer, status int, reason refusal, say *words) error {
	return page.ExecuteTemplate(w, "refusal", struct {
		frame
		Status int
		Why    string
	}{frame{say, template.CSS(pageCSS), reason.Title}, status, reason.Why})
}

// crumbsTo are relative references, so that they hold wherever the handler is
// mounted.
func crumbsTo(at place, say *words) []crumb {
	names := append([]string{say.Root}, at.segments()...)
	crumbs := make([]crumb, len(names))
	for i, name := range names {
		if i > 0 {
			name = displayName(name)
		}
		crumbs[i] = crumb{Text: name, Ref: strings.Repeat("../", len(names)-1-i)}
	}
	return crumbs
}

func rowOf(e Entry) row {
	r := row{
		Name:   displayName(e.Name),
		Ref:    "./" + escapeName(e.Name), // "./" because a name may look like a scheme
		Icon:   iconOf(e),
		Folder: e.isFolder(),
	}
	if r.Folder {
		r.Ref += "/"
	} else {
		r.Size, r.ExactSize = humanSize(*e.Size), grouped(*e.Size)+" B"
	}
	if !e.Modified.IsZero() {
		local := e.Modified.Local()
		r.Date, r.Clock = local.Format(time.DateOnly), local.Format("15:04")
		r.Moment, r.ExactDay = e.Modified.Format(time.RFC3339), local.Format("2006-01-02 15:04:05 -07:00")
	}
	return r
}

// iconOf names a symbol of page.html.
func iconOf(e Entry) string {
	if e.isFolder() {
		return "folder"
	}
	known := knownType(e.Name)
	if known == nil {
		return "file"
	}
	mediaType, _, _ := strings.Cut(known[0], ";")
	kind, subtype, _ := strings.Cut(mediaType, "/")
	switch kind {
	case "image", "audio", "video":
		return kind
	case "text":
		switch strings.ToLower(path.Ext(e.Name)) {
		case ".txt", ".text", ".log", ".md", ".markdown", ".csv", ".tsv":
			return "text"
		}
		return "code"
	}
	switch subtype {
	case "pdf", "rtf", "epub+zip", "msword":
		return "text"
	case "json", "yaml", "wasm", "xhtml+xml", "ld+json", "jsonl", "manifest+json":
		return "code"
	case "zip", "gzip", "zstd", "x-tar", "x-bzip2", "x-xz", "x-7z-compressed", "vnd.rar", "java-archive", "x-rpm", "vnd.debian.binary-package":
		return "archive"
	}
	return "file"
}
