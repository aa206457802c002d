package arch

import (
	"fmt"
	"slices"
	"strings"
)

// CheckImports compares each file's imports with its room's row and returns
// what breaks a rule, one sentence each. Test files may import any room, and
// the modules of [ForTests]: what a test needs is nobody's dependency.
func CheckImports(sources []*Source) []string {
	var broken []string
	for _, source := range sources {
		room := RoomOf(source.Folder())
		if room == nil {
			broken = append(broken, fmt.Sprintf("%s: package %s has no row in arch.Rooms; add one that says what it may import and why",
				source.Name, source.Folder()))
			continue
		}
		for _, imported := range source.Imports() {
			if why := room.refuses(source, imported); why != "" {
				broken = append(broken, fmt.Sprintf("%s imports %q: %s", source.Name, imported, why))
			}
		}
	}
	return broken
}

// RoomOf finds the room of a folder: the row with the longest path that is the
// folder or above it. The root's row is for the root alone.
func RoomOf(folder string) *Room {
	var best *Room
	for i := range Rooms {
		room := &Rooms[i]
		if room.Path != folder && (room.Path == "." || !strings.HasPrefix(folder, room.Path+"/")) {
			continue
		}
		if best == nil || len(room.Path) > len(best.Path) {
			best = room
		}
	}
	return best
}

// refuses gives the reason why the room's file must not import the package, or
// nothing if it may.
func (room *Room) refuses(source *Source, imported string) string {
	if folder, ours := ourFolder(imported); ours {
		return room.refusesOurs(source, folder)
	}
	if !standard(imported) {
		allowed := room.Theirs
		if source.Test {
			allowed = append(slices.Clone(ForTests), room.Theirs...)
		}
		if !slices.ContainsFunc(allowed, func(prefix string) bool { return within(imported, prefix) }) {
			return fmt.Sprintf("%s may import of other modules only %q", room.Path, allowed)
		}
		return ""
	}
	if source.Test {
		return ""
	}
	for _, ban := range room.Never {
		if ban.Import == imported {
			return ban.Why
		}
	}
	return ""
}

func (room *Room) refusesOurs(source *Source, folder string) string {
	target := RoomOf(folder)
	switch {
	case source.Test, target == room:
		return ""
	case target == nil:
		return "it has no row in arch.Rooms"
	case slices.Contains(room.Ours, target.Path):
		return ""
	}
	return fmt.Sprintf("%s may import of ours only %q: %s", room.Path, room.Ours, room.Why)
}

// ourFolder turns an import path of this module into a folder.
func ourFolder(imported string) (folder string, ours bool) {
	if imported == Module {
		return ".", true
	}
	return strings.CutPrefix(imported, Module+"/")
}

// standard says whether the path is of the standard library, which is the one
// whose first element has no dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func within(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}
