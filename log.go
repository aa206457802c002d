package genkan

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"strings"
)

// What the program should hear of and nobody can be answered goes through
// here: as a record to Logger if there is one, else as a line to ErrorLog.
//
//	Error  a handler panicked; a connection was lost to a fault of ours
//	Warn   the handler broke a rule and was overruled; accepting pauses; a
//	       trusted proxy sent no PROXY header
//	Info   a peer broke off a TLS handshake

// report tells of one trouble. what is the record's message, always the same
// for the same trouble, and attrs its attributes; line is the line, a format
// whose verbs stand for the attributes' values, in order.
func (srv *Server) report(level slog.Level, what, line string, attrs ...slog.Attr) {
	if srv.Logger != nil {
		srv.Logger.LogAttrs(context.Background(), level, what, attrs...)
		return
	}
	values := make([]any, len(attrs))
	for i, a := range attrs {
		values[i] = a.Value.Any()
	}
	srv.printf(line, values...)
}

// logf is report for who has a line only, such as package loop. An error among
// the arguments becomes an attribute.
func (srv *Server) logf(format string, args ...any) {
	if srv.Logger == nil {
		srv.printf(format, args...)
		return
	}
	var attrs []slog.Attr
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			attrs = append(attrs, slog.Any("error", err))
		}
	}
	text := strings.TrimPrefix(fmt.Sprintf(format, args...), "genkan: ")
	srv.Logger.LogAttrs(context.Background(), slog.LevelWarn, text, attrs...)
}

// printf is one line to ErrorLog, as http.Server does it.
func (srv *Server) printf(format string, args ...any) {
	if srv.ErrorLog != nil {
		srv.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}

// errorLog is for those that want a log.Logger: the HTTP/2 engine, and
// handlers that look at their http.Server's.
func (srv *Server) errorLog() *log.Logger {
	if srv.Logger != nil {
		return slog.NewLogLogger(srv.Logger.Handler(), slog.LevelError)
	}
	return srv.ErrorLog
}
