package interop

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"

	"github.com/genkan-http/genkan"
)

// The first program of each router's README, from top to bottom, with
// genkan.Server in the place of http.Server.
var programs = []struct {
	name, target, says string
	main               func(address string) *genkan.Server
}{
	{"net/http", "/bar", `Hello, "/bar"`, func(address string) *genkan.Server {
		mux := http.NewServeMux()
		mux.HandleFunc("/bar", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "Hello, %q", r.URL.Path)
		})
		return &genkan.Server{Addr: address, Handler: mux}
	}},
	{"chi", "/", "welcome", func(address string) *genkan.Server {
		r := chi.NewRouter()
		r.Use(middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: quiet}))
		r.Get("/", func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("welcome"))
		})
		return &genkan.Server{Addr: address, Handler: r}
	}},
	{"gorilla/mux", "/", "Gorilla!\n", func(address string) *genkan.Server {
		r := mux.NewRouter()
		r.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("Gorilla!\n"))
		})
		return &genkan.Server{Addr: address, Handler: r}
	}},
	{"gin", "/ping", `{"message":"pong"}`, func(address string) *genkan.Server {
		gin.SetMode(gin.TestMode)
		gin.DefaultWriter = io.Discard
		r := gin.Default()
		r.GET("/ping", func(c *gin.Context) {
			c.JSON(http.StatusOK, gin.H{
				"message": "pong",
			})
		})
		return &genkan.Server{Addr: address, Handler: r}
	}},
	{"echo", "/", "Hello, World!", func(address string) *genkan.Server {
		e := echo.New()
		e.Logger = slog.New(slog.DiscardHandler)
		e.Use(echomiddleware.RequestLogger())
		e.Use(echomiddleware.Recover())
		e.GET("/", func(c *echo.Context) error {
			return c.String(http.StatusOK, "Hello, World!")
		})
		return &genkan.Server{Addr: address, Handler: e}
	}},
}

// TestPrograms starts each as its README does, by ListenAndServe, asks, and
// shuts it down.
func TestPrograms(t *testing.T) {
	for _, program := range programs {
		t.Run(program.name, func(t *testing.T) {
			wantNothingLeft(t)
			srv := program.main("localhost:0")
			listening := make(chan net.Addr, 1)
			srv.BaseContext = func(l net.Listener) context.Context {
				listening <- l.Addr()
				return t.Context()
			}
			ended := make(chan error, 1)
			go func() { ended <- srv.ListenAndServe() }()
			url := "http://" + within(t, "ListenAndServe listens", listening).String() + program.target
			res, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != 200 || string(body) != program.says || err != nil {
				t.Errorf("%s was answered %d, %q, %v, want 200 and what the README promises, %q", url, res.StatusCode, body, err, program.says)
			}
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := srv.Shutdown(ctx); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			if err := within(t, "ListenAndServe returns", ended); err != http.ErrServerClosed {
				t.Errorf("ListenAndServe returned %v, want http.ErrServerClosed", err)
			}
		})
	}
}
