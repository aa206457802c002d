package main

import (
	"fmt"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// openInherited opens what whoever started the program has left for it: all of
// it, or none. Nothing, and no error, if nobody has.
func openInherited(open opener, getenv func(string) string, getpid func() int) ([]place, error) {
	endpoints, err := socket.InheritedEndpoints(getenv, getpid)
	if err != nil {
		return nil, advised{err, "Who starts genkan sets these variables; with --listen they are not looked at."}
	}
	places, err := openAll(open, endpoints...)
	if err != nil {
		return nil, advised{err, "LISTEN_FDS has left it for genkan. In a .socket unit: ListenStream=, and Accept=no."}
	}
	return places, nil
}

// inheritedNote says that the addresses are not of the program's own choice.
func inheritedNote(places []place) string {
	if len(places) == 0 {
		return ""
	}
	var all []string
	for _, p := range places {
		text := p.addr.String()
		if p.endpoint.Name != "" {
			text += " (" + printable(p.endpoint.Name) + ")"
		}
		all = append(all, text)
	}
	return fmt.Sprintf("Listening at what LISTEN_FDS has left: %s.\n", strings.Join(all, ", "))
}

// inherited says whether somebody else has opened the place.
func (p place) inherited() bool { return p.endpoint.Addr.Family == 0 }
