package main

import "net/http"

// bodyless answers 413, unread, to a request for a file that has a body: it has
// no meaning there, RFC 9110 9.3.1. Other methods are left to next, which
// answers them with 405 and reads nothing either.
func bodyless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions:
			if r.ContentLength != 0 {
				w.Header().Set("Connection", "close")
				http.Error(w, "A request for a file has no body.", http.StatusRequestEntityTooLarge)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
