package watch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
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

// exportAll gives all exchanges that are kept as one file, or those few that the
// URL names.
func (l *Live) exportAll(w http.ResponseWriter, r *http.Request) {
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
	l.exportMany(w, ids, r.FormValue("as"), secrets(r))
}

// exportSome gives those exchanges as one file that the body names: there may
// be more than a URL can carry. Those that are not kept any more are left out.
func (l *Live) exportSome(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		As      string
		IDs     []uint64
		Secrets bool
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, `What is wanted is {"as":"har","ids":[1,2]}, with "secrets":true if they are to be shown.`)
		return
	}
	l.exportMany(w, asked.IDs, asked.As, asked.Secrets)
}

func (l *Live) exportMany(w http.ResponseWriter, ids []uint64, as string, secrets bool) {
	each := func(yield func(*export.Exchange) bool) {
		for _, id := range ids {
			if x, ok := l.exported(id, secrets); ok && !yield(x) {
				return
			}
		}
	}
	switch as {
	case "har":
		downloads(w, "genkan.har", "application/json")
		if err := export.HAR(w, each, "genkan", version()); err != nil {
			panic(http.ErrAbortHandler) // whoever reads is gone, or is to see that this is not all
		}
	case "pcapng":
		download(w, "genkan.pcapng", "application/octet-stream", export.PCAPNG(slices.Collect(each), "genkan "+version()))
	default:
		refuse(w, http.StatusBadRequest, "Several exchanges go out as har or pcapng.")
	}
}

// downloads has the browser save what follows: nothing of it is ever shown as a
// page.
func downloads(w http.ResponseWriter, name, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

func download(w http.ResponseWriter, name, kind string, content []byte) {
	downloads(w, name, kind)
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
	d, ok := l.store.Alone(id, secrets)
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
