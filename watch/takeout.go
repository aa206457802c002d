package watch

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/watch/export"
	"github.com/genkan-http/genkan/watch/record"
)

// export gives one exchange as a file of text.
func (l *Live) export(w http.ResponseWriter, r *http.Request) {
	id, ok := idOf(w, r)
	if !ok {
		return
	}
	x, ok := l.exported(id, secrets(r))
	if !ok {
		refuse(w, http.StatusNotFound, notKept)
		return
	}
	var text string
	var err error
	name := fmt.Sprintf("exchange-%d", id)
	switch as := r.FormValue("as"); as {
	case "curl":
		name += ".sh"
		text, err = export.Curl(x)
	case "raw-request":
		name += ".request"
		text = string(export.RawRequest(x))
	case "raw-response":
		name += ".response"
		text = string(export.RawResponse(x))
	case "gotest":
		name += "_test.go"
		text, err = export.GoTest(x)
	case "fuzz":
		text, err = export.FuzzSeed(x)
	default:
		refuse(w, http.StatusBadRequest, "One exchange goes out as curl, raw-request, raw-response, gotest or fuzz.")
		return
	}
	if err != nil {
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	download(w, name, "text/plain; charset=utf-8", []byte(text))
}

// exportMany gives several exchanges, or all that are kept, as one file.
func (l *Live) exportMany(w http.ResponseWriter, r *http.Request) {
	ids := l.store.All()
	if list := r.FormValue("ids"); list != "" {
		ids = ids[:0]
		for word := range strings.SplitSeq(list, ",") {
			id, err := strconv.ParseUint(word, 10, 64)
			if err != nil {
				refuse(w, http.StatusBadRequest, "ids is numbers with commas between them.")
				return
			}
			ids = append(ids, id)
		}
	}
	var all []*export.Exchange
	for _, id := range ids {
		if x, ok := l.exported(id, secrets(r)); ok {
			all = append(all, x)
		}
	}
	switch r.FormValue("as") {
	case "har":
		text, err := export.HAR(all, "genkan", version())
		if err != nil {
			panic(err) // all of it can be encoded: a bug of ours
		}
		download(w, "genkan.har", "application/json", text)
	case "pcapng":
		download(w, "genkan.pcapng", "application/octet-stream", export.PCAPNG(all, "genkan "+version()))
	default:
		refuse(w, http.StatusBadRequest, "Several exchanges go out as har or pcapng.")
	}
}

// download has the browser save it: nothing of it is ever shown as a page.
func download(w http.ResponseWriter, name, kind string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Write(content)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown version)"
}

// exported is an exchange as package export wants it.
func (l *Live) exported(id uint64, secrets bool) (*export.Exchange, bool) {
	d, ok := l.store.Detail(id, secrets)
	if !ok {
		return nil, false
	}
	x := &export.Exchange{
		ID: id, Conn: d.Summary.Conn, Peer: d.Connection.Peer, Local: reachable(d.Connection.Local), TLS: d.Summary.TLS,
		Began: d.Summary.Time, Took: time.Duration(d.Summary.TookNS), Hidden: !secrets && hides(d), Whole: !d.Truncated,
	}
	at := map[uint64]time.Time{}
	for i := range d.Events {
		at[d.Events[i].Seq] = d.Events[i].Time
	}
	x.Received, x.Sent = exportedChunks(d.Received, at), exportedChunks(d.Sent, at)
	if d.Request != nil {
		x.Request = exportedMessage(d.Request)
		if c, ok := l.store.Carried(id, true); ok && !c.Upgraded {
			x.Request.Body = c.Content
		}
	}
	if n := len(d.Responses); n > 0 {
		x.Response = exportedMessage(&d.Responses[n-1])
		if c, ok := l.store.Carried(id, false); ok && !c.Upgraded {
			x.Response.Body = c.Content
		}
	}
	return x, true
}

func hides(d record.Detail) bool {
	for _, list := range [][]record.Chunk{d.Received, d.Sent} {
		for i := range list {
			if len(list[i].Hidden) > 0 {
				return true
			}
		}
	}
	return false
}

func exportedChunks(list []record.Chunk, at map[uint64]time.Time) []export.Chunk {
	out := make([]export.Chunk, 0, len(list))
	for i := range list {
		out = append(out, export.Chunk{At: at[list[i].Seq], Data: list[i].Data})
	}
	return out
}

// exportedMessage puts the pieces of a head together.
func exportedMessage(m *record.Message) *export.Message {
	out := &export.Message{HeadSize: int(m.Len), BodyWire: m.Body.Len}
	for i := range m.Pieces {
		p := &m.Pieces[i]
		if p.Off >= m.Off+m.Len {
			break
		}
		switch p.Kind {
		case "method":
			out.Method = p.Text
		case "target":
			out.Target = p.Text
		case "version":
			out.Version = p.Text
		case "status":
			out.Status, _ = strconv.Atoi(p.Text)
		case "reason":
			out.Reason = p.Text
		case "name":
			out.Fields = append(out.Fields, [2]string{p.Text, ""})
		case "value":
			out.Fields[len(out.Fields)-1][1] = p.Text
		}
	}
	return out
}
