// Package front stands before an app: an [http.Handler] that hands each request
// on to it and its answer back, as they come.
//
//	target, err := front.ParseTarget("http://127.0.0.1:8000")
//	…
//	http.Handle("/", front.New(target, front.Options{}))
//
// It is net/http/httputil.ReverseProxy with what a place before one app needs:
// UNIX sockets, Host as the client said it, every byte of an answer sent on at
// once, nothing compressed or decompressed on the way, websockets, and an answer
// in words when the app gives none.
//
// Requests are written anew from what was parsed, never copied: Connection and
// what it names, and the other fields of one hop (RFC 9110 7.6.1), stay behind.
// Forwarded (RFC 7239) and X-Forwarded-For, -Host and -Proto are set anew: what
// a client says of itself in them, in X-Real-Ip, or in a spelling with
// underscores is not passed on. CONNECT and TRACE are not handed on. A request is sent once; it
// is repeated only where the app had closed a connection that rested before
// any of it was read, and never after a byte of its body.
package front

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Target is where the app listens.
type Target struct {
	url  *url.URL // of the app, as requests are made
	path string   // of its UNIX socket; empty: TCP
}

// ParseTarget reads where an app listens: http://127.0.0.1:8000, https://…,
// 127.0.0.1:8000, :8000 or 8000 (on this machine), unix:///run/app.sock,
// unix://@name. A path behind the host goes before each request's.
func ParseTarget(s string) (Target, error) {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		path = strings.TrimPrefix(path, "//")
		if path == "" || path == "@" {
			return Target{}, fmt.Errorf("app %q: there is no path; for example unix:///run/app.sock", s)
		}
		return Target{&url.URL{Scheme: "http", Host: "localhost"}, path}, nil
	}
	whole := s
	if !strings.Contains(s, "://") {
		switch host, port, err := net.SplitHostPort(s); {
		case err == nil && host == "":
			whole = "http://127.0.0.1:" + port
		case isPort(s):
			whole = "http://127.0.0.1:" + s
		default:
			whole = "http://" + s
		}
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil:
		return Target{}, fmt.Errorf("app %q is no URL; for example http://127.0.0.1:8000", s)
	case u.Scheme != "http" && u.Scheme != "https":
		return Target{}, fmt.Errorf("app %q: %s:// is not spoken; http://, https:// and unix:// are", s, u.Scheme)
	case u.Hostname() == "":
		return Target{}, fmt.Errorf("app %q has no host; for example http://127.0.0.1:8000", s)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return Target{}, fmt.Errorf("app %q: only a host, a port and a path count; for example http://127.0.0.1:8000", s)
	}
	return Target{url: u}, nil
}

func isPort(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) <= 5
}

// String is the target as a person would write it.
func (t Target) String() string {
	if t.path != "" {
		return "unix:" + t.path
	}
	return t.url.String()
}

// Dial connects to the app.
func (t Target) Dial(ctx context.Context) (net.Conn, error) {
	if t.path != "" {
		return new(net.Dialer).DialContext(ctx, "unix", t.path)
	}
	port := t.url.Port()
	if port == "" {
		port = t.url.Scheme // a name that the system knows
	}
	return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(t.url.Hostname(), port))
}

// Options are for [New]. The zero value is the usual.
type Options struct {
	// Insecure does not ask who an https app is.
	Insecure bool

	// OwnHost sends the app's own name as Host, instead of what the client
	// asked for.
	OwnHost bool

	// AnswerTimeout is how long the app may take until the head of its answer;
	// 0: as long as it likes.
	AnswerTimeout time.Duration

	// ErrorLog gets what goes wrong; nil: the log package's standard logger.
	ErrorLog *log.Logger
}

// idleMost bounds the connections to the app that rest, and idleTime how long.
const (
	idleMost = 256
	idleTime = 60 * time.Second
	dialTime = 10 * time.Second
)

// New makes the handler.
func New(t Target, o Options) http.Handler {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, dialTime)
			defer cancel()
			if t.path != "" {
				network, address = "unix", t.path
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: o.Insecure},
		TLSNextProto:          map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1: what is shown is what was said
		DisableCompression:    true,
		MaxIdleConns:          idleMost,
		MaxIdleConnsPerHost:   idleMost,
		IdleConnTimeout:       idleTime,
		ResponseHeaderTimeout: o.AnswerTimeout,
		ExpectContinueTimeout: 5 * time.Second,
	}
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      o.ErrorLog,
		ErrorHandler:  func(w http.ResponseWriter, r *http.Request, err error) { failed(w, r, t, err) },
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(t.url)
			p.Out.URL.RawQuery = p.In.URL.RawQuery // as it was, also where nobody can read it
			if !o.OwnHost {
				p.Out.Host = p.In.Host
			}
			dropClaims(p.Out.Header)
			p.SetXForwarded()
			p.Out.Header.Set("Forwarded", forwarded(p.In))
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect || r.Method == http.MethodTrace {
			// A tunnel through this machine, or an echo of fields that a page may
			// not read, is nothing that an app behind a proxy is asked for.
			http.Error(w, r.Method+" is not handed on to the app", http.StatusMethodNotAllowed)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}

// dropClaims takes away what a client says of whom it asks for. Gateways such as
// CGI and WSGI give a name with underscores to the app as the one with hyphens.
func dropClaims(h http.Header) {
	for name := range h {
		switch plain := strings.ToLower(strings.ReplaceAll(name, "_", "-")); {
		case plain == "forwarded", plain == "x-real-ip", strings.HasPrefix(plain, "x-forwarded-"):
			delete(h, name)
		}
	}
}

// forwarded is RFC 7239 4.
func forwarded(r *http.Request) string {
	proto := "http"
	if r.TLS != nil {
		proto = "https"
	}
	client := "unknown"
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		client = host
		if strings.Contains(host, ":") {
			client = `"[` + host + `]"`
		}
	}
	return "for=" + client + `;host="` + quoted(r.Host) + `";proto=` + proto
}

// quoted is what stands between the quotes of RFC 9110 5.6.4.
func quoted(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }
