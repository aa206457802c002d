package interop

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
)

func TestGin(t *testing.T) {
	compare(t, ginSite(staticFolder(t)), append(everyday(), []ask{
		{name: "a required field is missing", request: "POST /articles", fields: "Content-Type: application/json", body: `{"slug":"new"}`, status: 400, says: "Title"},
		{name: "basic auth, none given", request: "GET /admin/", status: 401},
		{name: "basic auth", request: "GET /admin/", fields: "Authorization: Basic Zm9vOmJhcg==", status: 200, says: "hello, foo"},
		{name: "data from a reader", request: "GET /reader", status: 200, says: longText},
		{name: "server-sent events", request: "GET /events", status: 200, says: "event:count\ndata:2\n\n"},
	}...))
}

// ginSite is the everyday site in the shape of gin's README and its
// documentation's examples.
func ginSite(static string) http.Handler {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.Use(gin.LoggerWithWriter(io.Discard), gin.RecoveryWithWriter(io.Discard))
	r.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "welcome") })
	r.GET("/articles/:slug", func(c *gin.Context) {
		a, ok := articles[c.Param("slug")]
		if !ok {
			c.AbortWithStatusJSON(http.StatusNotFound, gin.H{"message": "no such article"})
			return
		}
		c.JSON(http.StatusOK, a)
	})
	r.DELETE("/articles/:slug", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	r.POST("/articles", func(c *gin.Context) {
		var a article
		if err := c.ShouldBindJSON(&a); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		c.JSON(http.StatusCreated, a)
	})
	r.POST("/form", func(c *gin.Context) {
		c.String(http.StatusOK, "%s: %v, in the query %v", c.PostForm("name"), c.PostFormArray("tag"), c.Query("tag"))
	})
	r.POST("/upload", func(c *gin.Context) {
		form, err := c.MultipartForm()
		if err != nil {
			c.String(http.StatusBadRequest, err.Error())
			return
		}
		for _, h := range form.File["files"] {
			io.WriteString(c.Writer, describeFile(h))
		}
	})
	r.Static("/static", static)
	ginStreams(r)
	r.POST("/echo", func(c *gin.Context) { echoBody(c.Writer, c.Request) })
	r.GET("/old", func(c *gin.Context) {
		visits, _ := c.Cookie("visits")
		c.SetCookie("visits", visits+"1", 60, "/", "", false, true)
		c.Redirect(http.StatusFound, "/")
	})
	r.GET("/panic", func(*gin.Context) { panic("on purpose") })
	r.GET("/zip", gzip.Gzip(gzip.DefaultCompression), func(c *gin.Context) { c.String(http.StatusOK, "%s", longText) })
	admin := r.Group("/admin", gin.BasicAuth(gin.Accounts{"foo": "bar"}))
	admin.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "hello, %s", c.MustGet(gin.AuthUserKey)) })
	return r
}

// ginStreams are the routes that answer bit by bit.
func ginStreams(r *gin.Engine) {
	r.GET("/stream", func(c *gin.Context) {
		i := 0
		c.Stream(func(w io.Writer) bool {
			io.WriteString(w, streamLine(i))
			i++
			return i < streamed
		})
	})
	r.GET("/events", func(c *gin.Context) {
		for i := range 3 {
			c.SSEvent("count", fmt.Sprint(i))
			c.Writer.Flush()
		}
	})
	r.GET("/reader", func(c *gin.Context) {
		c.DataFromReader(http.StatusOK, int64(len(longText)), "text/plain", strings.NewReader(longText), map[string]string{"X-From": "reader"})
	})
}
