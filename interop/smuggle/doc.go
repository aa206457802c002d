// Package smuggle sets Genkan behind other servers, and before them, and sends
// requests on whose boundaries two readers might not agree: generated from what
// has smuggled requests elsewhere, and mutated. Where one reader sees two
// requests and the other one, somebody's request becomes somebody else's.
//
//	client ─ bytes ─ front ─ requests ─ back
//	          │                          │
//	      answers that the back made     requests that the back saw
//
// The two numbers must be equal, or one side has refused. It has tests alone:
//
//	go test ./smuggle                              a sample
//	GENKAN_SMUGGLE=200000 go test -timeout 0 ./smuggle -v    so many for each pair
//
// GENKAN_SMUGGLE_SEED begins elsewhere.
package smuggle
