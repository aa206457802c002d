package export

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// HAR writes the exchanges as HTTP Archive 1.2, one at a time: of a hundred
// thousand, one is in memory. Those that could not be read are left out: the
// format has no place for bytes that are no request. The error is w's.
func HAR(w io.Writer, list iter.Seq[*Exchange], program, version string) error {
	creator, err := json.Marshal(harCreator{program, version})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "{\n \"log\": {\n  \"version\": \"1.2\",\n  \"creator\": %s,\n  \"entries\": [", creator); err != nil {
		return err
	}
	between := "\n   "
	for x := range list {
		if x.Request == nil {
			continue
		}
		entry, err := json.MarshalIndent(entryOf(x), "   ", " ")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", between, entry); err != nil {
			return err
		}
		between = ",\n   "
	}
	_, err = io.WriteString(w, "\n  ]\n }\n}\n")
	return err
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started    string      `json:"startedDateTime"`
	Time       float64     `json:"time"`
	Request    harRequest  `json:"request"`
	Response   harResponse `json:"response"`
	Cache      struct{}    `json:"cache"`
	Timings    harTimings  `json:"timings"`
	ServerIP   string      `json:"serverIPAddress,omitempty"`
	Connection string      `json:"connection"`
	Comment    string      `json:"comment,omitempty"`
}

type harTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	Version     string       `json:"httpVersion"`
	Cookies     []harPair    `json:"cookies"`
	Headers     []harPair    `json:"headers"`
	Query       []harPair    `json:"queryString"`
	PostData    *harPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"`
	BodySize    int64        `json:"bodySize"`
}

type harPostData struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params"`
	Text     string    `json:"text"`
	Comment  string    `json:"comment,omitempty"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	Version     string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int64      `json:"bodySize"`
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

func entryOf(x *Exchange) harEntry {
	m := x.Request
	e := harEntry{
		Started: x.Began.Format("2006-01-02T15:04:05.000000Z07:00"), Time: millis(x.Took), Connection: decimal(x.Conn),
		Timings: timingsOf(x),
		Request: harRequest{
			Method: m.Method, URL: x.uri(), Version: m.Version,
			Cookies: cookies(m, "Cookie"), Headers: pairs(m.Fields), Query: query(m.Target), HeadersSize: m.HeadSize, BodySize: m.BodyWire,
		},
		Response: harResponse{Version: "", Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1},
	}
	if local, err := netip.ParseAddrPort(x.Local); err == nil {
		e.ServerIP = local.Addr().WithZone("").String()
	}
	if len(m.Body) > 0 {
		text, encoding := harText(m.Body)
		e.Request.PostData = &harPostData{MimeType: m.Field("content-type"), Params: []harPair{}, Text: text}
		if encoding != "" {
			e.Request.PostData.Comment = "text is base64: the format knows no other bytes here"
		}
	}
	if r := x.Response; r != nil {
		text, encoding := harText(r.Body)
		e.Response = harResponse{
			Status: r.Status, StatusText: r.Reason, Version: r.Version, Cookies: cookies(r, "Set-Cookie"), Headers: pairs(r.Fields),
			Content:     harContent{Size: len(r.Body), MimeType: r.Field("content-type"), Text: text, Encoding: encoding},
			RedirectURL: r.Field("location"), HeadersSize: r.HeadSize, BodySize: r.BodyWire,
		}
	}
	var notes []string
	if x.Hidden {
		notes = append(notes, hiddenNote)
	}
	if !x.Whole {
		notes = append(notes, "Some bytes of this exchange were not kept.")
	}
	e.Comment = strings.Join(notes, " ")
	return e
}

// uri is the target as a URI (RFC 9110 7.1), for the format wants one: that of
// * and of CONNECT have no path, and bytes that servers let pass and RFC 3986
// does not are percent-encoded.
func (x *Exchange) uri() string {
	target, base := x.Request.Target, x.scheme()+"://"+x.host()
	if local, err := netip.ParseAddrPort(x.Local); err == nil { // a URI has no zones
		base = x.scheme() + "://" + netip.AddrPortFrom(local.Addr().WithZone(""), local.Port()).String()
	}
	switch {
	case target == "*":
		return base
	case x.Request.Method == http.MethodConnect:
		return "http://" + target
	case strings.HasPrefix(target, "/"):
		target = base + target
	}
	var uri strings.Builder
	for i := range len(target) {
		c := target[i]
		plain := c > ' ' && c < 0x7f && !strings.ContainsRune("\"<>\\^`{|}", rune(c))
		if c == '%' {
			_, err := hex.DecodeString(target[i+1 : min(i+3, len(target))])
			plain = err == nil && i+3 <= len(target)
		}
		if plain {
			uri.WriteByte(c)
		} else {
			fmt.Fprintf(&uri, "%%%02X", c)
		}
	}
	return uri.String()
}

// timingsOf is from the calls: until the last byte of the request had come,
// until the first of the answer went, and until the last went. They are the
// server's, so "send" is what it took to arrive.
func timingsOf(x *Exchange) harTimings {
	arrived, last := x.Began, x.Began.Add(x.Took)
	if n := len(x.Received); n > 0 {
		arrived = x.Received[n-1].At
	}
	first := last
	if len(x.Sent) > 0 {
		first = x.Sent[0].At
	}
	if first.Before(arrived) {
		first = arrived
	}
	if last.Before(first) {
		last = first
	}
	return harTimings{Send: millis(arrived.Sub(x.Began)), Wait: millis(first.Sub(arrived)), Receive: millis(last.Sub(first))}
}

func millis(d time.Duration) float64 { return max(0, float64(d.Microseconds())/1000) }

func pairs(fields [][2]string) []harPair {
	list := make([]harPair, 0, len(fields))
	for _, f := range fields {
		list = append(list, harPair{f[0], f[1]})
	}
	return list
}

func cookies(m *Message, name string) []harPair {
	list := []harPair{}
	for _, f := range m.Fields {
		if !equalFold(f[0], name) {
			continue
		}
		for part := range strings.SplitSeq(f[1], ";") {
			if n, v, found := strings.Cut(strings.TrimSpace(part), "="); found {
				list = append(list, harPair{n, v})
			}
			if name == "Set-Cookie" {
				break // attributes follow
			}
		}
	}
	return list
}

func query(target string) []harPair {
	list := []harPair{}
	_, q, _ := strings.Cut(target, "?")
	for part := range strings.SplitSeq(q, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		list = append(list, harPair{unescaped(name), unescaped(value)})
	}
	return list
}

func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return strings.ToValidUTF8(u, "\ufffd")
	}
	return s
}

// harText is a body as the format has it.
func harText(body []byte) (text, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}
