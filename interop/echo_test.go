package interop

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

func TestEcho(t *testing.T) {
	compare(t, echoSite(staticFolder(t)), append(everyday(), []ask{
		{name: "body larger than the middleware allows", request: "POST /limited", body: longText, status: 413},
		{name: "the same in chunks", request: "POST /limited", body: longText, chunked: true, status: 413},
		{name: "stream of a reader", request: "GET /reader", status: 200, says: longText},
		{name: "a file by name", request: "GET /file", status: 200, says: "color: black"},
	}...))
}

// echoSite is the everyday site in the shape of echo's README.
func echoSite(static string) http.Handler {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(middleware.RequestLogger())
	e.Use(middleware.Recover())
	e.GET("/", func(c *echo.Context) error { return c.String(http.StatusOK, "welcome") })
	e.GET("/articles/:slug", func(c *echo.Context) error {
		a, ok := articles[c.Param("slug")]
		if !ok {
			return echo.NewHTTPError(http.StatusNotFound, "no such article")
		}
		return c.JSON(http.StatusOK, a)
	})
	e.DELETE("/articles/:slug", func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) })
	e.POST("/articles", func(c *echo.Context) error {
		var a article
		if err := c.Bind(&a); err != nil {
			return err
		}
		return c.JSONPretty(http.StatusCreated, a, "")
	})
	e.POST("/form", func(c *echo.Context) error {
		values, err := c.FormValues()
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, values.Get("name")+": "+strings.Join(values["tag"], ", "))
	})
	e.POST("/upload", func(c *echo.Context) error {
		form, err := c.MultipartForm()
		if err != nil {
			return echo.ErrBadRequest.Wrap(err)
		}
		var b strings.Builder
		for _, h := range form.File["files"] {
			b.WriteString(describeFile(h))
		}
		return c.HTML(http.StatusOK, b.String())
	})
	e.Static("/static", static)
	e.GET("/file", func(c *echo.Context) error { return c.FileFS("style.css", os.DirFS(static)) })
	e.GET("/stream", func(c *echo.Context) error {
		for i := range streamed {
			io.WriteString(c.Response(), streamLine(i))
			if err := http.NewResponseController(c.Response()).Flush(); err != nil {
				return err
			}
		}
		return nil
	})
	e.GET("/reader", func(c *echo.Context) error { return c.Stream(http.StatusOK, "text/plain", strings.NewReader(longText)) })
	e.POST("/echo", func(c *echo.Context) error {
		echoBody(c.Response(), c.Request())
		return nil
	})
	e.POST("/limited", func(c *echo.Context) error {
		_, err := io.Copy(io.Discard, c.Request().Body)
		return err
	}, middleware.BodyLimit(1000))
	e.GET("/old", func(c *echo.Context) error {
		visits, err := c.Cookie("visits")
		if err != nil {
			return err
		}
		c.SetCookie(&http.Cookie{Name: "visits", Value: visits.Value + "1"})
		return c.Redirect(http.StatusFound, "/")
	})
	e.GET("/panic", func(*echo.Context) error { panic("on purpose") })
	e.GET("/zip", func(c *echo.Context) error { return c.String(http.StatusOK, longText) }, middleware.Gzip())
	return e
}
