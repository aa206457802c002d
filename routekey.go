package genkan

// routeKey is what requests that behave alike have in common, as far as one
// can tell without knowing the handler: the method and the path, where every
// segment with a digit in it counts as the same.
func routeKey(method, path string) uint32 {
	const prime = 16777619
	h := uint32(2166136261)
	for i := 0; i < len(method); i++ {
		h = (h ^ uint32(method[i])) * prime
	}
	segment := h
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '/':
			h = (h ^ '/') * prime
			segment = h
		case c >= '0' && c <= '9':
			h = segment ^ '#'
			for i+1 < len(path) && path[i+1] != '/' {
				i++
			}
		default:
			h = (h ^ uint32(c)) * prime
		}
	}
	return h ^ h>>15
}

// noRoute is the key of what is not asked for by a request: a callback.
const noRoute = 0
