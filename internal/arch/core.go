package arch

import (
	"fmt"
	"slices"
)

// CheckCore judges the packages outside the standard library that importing
// the server brings in on one system: ours, and those of [CoreModules].
func CheckCore(system string, packages []string) []string {
	var broken []string
	for _, imported := range packages {
		if within(imported, Module) {
			continue
		}
		if !slices.ContainsFunc(CoreModules, func(module string) bool { return within(imported, module) }) {
			broken = append(broken, fmt.Sprintf("on %s, importing %s brings in %s: the core is the standard library and %q alone",
				system, Module, imported, CoreModules))
		}
	}
	return broken
}
