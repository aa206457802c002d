module github.com/genkan-http/genkan/attack

go 1.26.0

require github.com/genkan-http/genkan v0.0.0

require golang.org/x/sys v0.49.0 // indirect

replace github.com/genkan-http/genkan => ../
