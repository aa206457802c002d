package watch

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// The page shows secrets, and can send requests. What keeps others out:
//
//   - it listens on loopback or a UNIX socket only (live.go);
//   - the first request brings the token of the URL, later ones the cookie that
//     was set for it, which no script can read and no other site can send;
//   - Host is the page's own address or localhost, so that a name that somebody
//     has pointed at 127.0.0.1 (DNS rebinding) gets nothing;
//   - Sec-Fetch-Site, where a browser sends it, says that the page itself asks,
//     or a person;
//   - what changes something is a POST with a field that no form can send.
const (
	cookieName  = "genkan-watch"
	ourField    = "X-Genkan"
	tokenParam  = "token"
	mostRequest = 8 << 20 // bytes of a request to replay, as JSON
)

// guard lets through what the page itself asks. It has answered if it returns
// false.
func (l *Live) guard(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'") // of all but the page, which has its own
	if !l.ourHost(r.Host) {
		refuse(w, http.StatusMisdirectedRequest, "This is not an address of this page: ask for it as it was printed.")
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if token := r.URL.Query().Get(tokenParam); token != "" && r.URL.Path == "/" && r.Method == http.MethodGet {
		if !same(token, l.token) {
			refuse(w, http.StatusForbidden, "This token is not the one of this page, which changes each time: take the address that was printed last.")
			return false
		}
		http.SetCookie(w, &http.Cookie{Name: cookieName, Value: l.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		h.Set("Location", "/")
		w.WriteHeader(http.StatusSeeOther)
		return false
	}
	if site != "" && site != "same-origin" && site != "none" {
		refuse(w, http.StatusForbidden, "Another site asks for this page.")
		return false
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil || !same(cookie.Value, l.token) {
		refuse(w, http.StatusForbidden, "Open the address that was printed, with its token: after that the browser is known.")
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get(ourField) == "" {
		refuse(w, http.StatusForbidden, "What changes something needs the field "+ourField+".")
		return false
	}
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// ourHost: the Host field is the listener's address, or localhost at its port.
func (l *Live) ourHost(host string) bool {
	l.mu.Lock()
	addr, path := l.addr, l.path
	l.mu.Unlock()
	if path != "" {
		return host == "localhost"
	}
	if addr == nil {
		return false
	}
	if host == addr.String() {
		return true
	}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return false
	}
	_, ours, _ := net.SplitHostPort(addr.String())
	return strings.EqualFold(name, "localhost") && port == ours
}

// refuse is an answer in words, which repeats nothing of the request.
func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.WriteHeader(status)
	w.Write([]byte(why + "\n"))
}
