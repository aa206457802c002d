package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct{}

func (versionCommand) Run(console *console) error {
	_, err := fmt.Fprintln(console.out, version())
	return err
}

// version is one line: the module's version, the commit if the build has one,
// the compiler, the system.
func version() string {
	name, commit := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			name = info.Main.Version
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				commit = " commit " + setting.Value[:12]
			}
		}
	}
	return fmt.Sprintf("genkan %s%s %s %s/%s", name, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
