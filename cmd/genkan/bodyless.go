package main

import (
	"fmt"
	"net/http"

	"github.com/genkan-http/genkan"
)

// ruleNoBody is a rule of the program's own: the wire permits such a body, and
// gives it no meaning.
var ruleNoBody = genkan.Rule{ID: "no-body", Source: "RFC 9110 9.3.1", Status: http.StatusRequestEntityTooLarge,
	Text: "A request for a file has no body."}

// bodyless refuses a request for a file that has a body, unread. Other methods
// are left to next, which answers them with 405 and reads nothing either.
func bodyless(srv *genkan.Server, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			if r.ContentLength != 0 {
				srv.Refuse(w, r, ruleNoBody, bodyText(r.ContentLength))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// bodyText says of which length a body was announced to be.
func bodyText(length int64) string {
	if length < 0 {
		return "the request has a body of unknown length"
	}
	return fmt.Sprintf("the request has a body of %s", bytesText(length))
}
