// Package interop runs what people build on net/http on genkan.Server: routers
// and frameworks, proxies, file servers, metrics, WebSockets, event streams,
// remote procedure calls by Connect and gRPC.
//
// Each test gives the same handler to http.Server and to genkan.Server, on a
// loop and over a net.Listener, asks all of them the same, and compares what
// they answer. It is a module of its own, so that these libraries are nobody
// else's dependencies.
package interop
