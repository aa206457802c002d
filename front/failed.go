package front

import (
	"context"
	"errors"
	"html"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"github.com/genkan-http/genkan/http1"
)

// failed answers where the app gave no answer that can be passed on.
func failed(w http.ResponseWriter, r *http.Request, t Target, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client is gone: nobody reads an answer
	}
	status, title, why := reason(t, err)
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if http1.PrefersHTML(r.Header["Accept"]) {
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.WriteHeader(status)
		w.Write([]byte("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
			"<title>" + title + "</title>\n<style>:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui;max-width:38rem;margin:15vh auto;padding:0 1rem}code{overflow-wrap:anywhere}</style>\n" +
			"<h1>" + title + "</h1>\n<p>" + html.EscapeString(why) + "</p>\n<p><code>" + html.EscapeString(err.Error()) + "</code></p>\n</html>\n"))
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(title + "\n\n" + why + "\n\n" + err.Error() + "\n"))
}

// reason is what an error means, whose fault it was, and what to do.
func reason(t Target, err error) (status int, title, why string) {
	app := "The app at " + t.String()
	var breach *http1.Error
	var tooLarge *http.MaxBytesError
	var dns *net.DNSError
	switch {
	case errors.As(err, &breach):
		return http.StatusBadRequest, "400 Bad Request", "The request's body broke a rule, so it was not passed on as a whole: " + breach.Rule.Text
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, "413 Content Too Large", "The body is larger than is taken here."
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, os.ErrNotExist):
		return http.StatusBadGateway, "502 Bad Gateway", app + " does not listen. Is it running?"
	case errors.As(err, &dns):
		return http.StatusBadGateway, "502 Bad Gateway", app + " cannot be found: its name is not known."
	case errors.Is(err, os.ErrPermission):
		return http.StatusBadGateway, "502 Bad Gateway", app + " may not be connected to."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return http.StatusGatewayTimeout, "504 Gateway Timeout", app + " did not answer in time."
	case errors.Is(err, syscall.ECONNRESET), strings.Contains(err.Error(), "EOF"):
		return http.StatusBadGateway, "502 Bad Gateway", app + " closed the connection before it had answered."
	}
	return http.StatusBadGateway, "502 Bad Gateway", app + " gave no answer that can be passed on."
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
