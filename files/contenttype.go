package files

// Content types by extension, from a table of our own: the same folder gets
// the same types on every machine, whatever its mime.types says.

import (
	"net/http"
	"path"
	"strings"
)

// typeTable holds the web's types as IANA registers them, and as text/plain
// what people write and want to read in the browser.
// https://www.iana.org/assignments/media-types
const typeTable = `
text/html                 html htm
text/css                  css
text/javascript           js mjs cjs
text/plain                txt text log ini conf cfg toml diff patch go mod sum c h cc cpp hpp rs py rb sh bash java kt swift jsx tsx sql lua pl tex
text/markdown             md markdown
text/csv                  csv
text/tab-separated-values tsv
text/calendar             ics
text/vcard                vcf
text/vtt                  vtt
text/xml                  xml xsl xsd
application/xhtml+xml     xhtml xht
application/json          json map
application/ld+json       jsonld
application/geo+json      geojson
application/jsonl         jsonl ndjson
application/manifest+json webmanifest
application/yaml          yaml yml
application/rss+xml       rss
application/atom+xml      atom
application/wasm          wasm
application/pdf           pdf
application/rtf           rtf
application/epub+zip      epub
application/zip           zip
application/gzip          gz tgz
application/zstd          zst
application/x-tar         tar
application/x-bzip2       bz2
application/x-xz          xz
application/x-7z-compressed 7z
application/vnd.rar       rar
application/java-archive  jar
application/vnd.android.package-archive apk
application/x-apple-diskimage dmg
application/vnd.debian.binary-package deb
application/x-rpm         rpm
application/octet-stream  bin exe dll iso img dat
application/msword        doc
application/vnd.ms-excel  xls
application/vnd.ms-powerpoint ppt
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.oasis.opendocument.text odt
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.apple.mpegurl m3u8
application/dash+xml      mpd
image/png                 png
image/apng                apng
image/jpeg                jpg jpeg
image/gif                 gif
image/webp                webp
image/avif                avif
image/heic                heic
image/jxl                 jxl
image/svg+xml             svg
image/bmp                 bmp
image/tiff                tif tiff
image/vnd.microsoft.icon  ico
audio/mpeg                mp3
audio/mp4                 m4a
audio/aac                 aac
audio/ogg                 ogg oga opus
audio/flac                flac
audio/wav                 wav
audio/midi                mid midi
video/mp4                 mp4 m4v
video/webm                webm
video/ogg                 ogv
video/quicktime           mov
video/x-matroska          mkv
video/x-msvideo           avi
video/mpeg                mpeg mpg
font/woff                 woff
font/woff2                woff2
font/ttf                  ttf
font/otf                  otf
font/collection           ttc
`

// typeByExtension is the table, keyed by the extension in lower case without
// its dot.
var typeByExtension = parseTypes(typeTable)

func parseTypes(table string) map[string][]string {
	types := make(map[string][]string)
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		value := words[0]
		if strings.HasPrefix(value, "text/") {
			value += "; charset=utf-8"
		}
		shared := only(value)
		for _, extension := range words[1:] {
			types[extension] = shared
		}
	}
	return types
}

// knownType is the type that the name alone tells, or nil.
func knownType(name string) []string {
	extension := path.Ext(name)
	if extension == "" {
		return nil
	}
	return typeByExtension[strings.ToLower(extension[1:])]
}

// sniffLength is how much http.DetectContentType looks at.
const sniffLength = 512

// typeOf is the Content-Type of an opened file. Without a known extension its
// first bytes decide.
func typeOf(name string, o *opened) ([]string, error) {
	if known := knownType(name); known != nil {
		return known, nil
	}
	head := make([]byte, min(o.size, sniffLength))
	if err := o.readAt(head, 0); err != nil {
		return nil, err
	}
	return only(http.DetectContentType(head)), nil
}
