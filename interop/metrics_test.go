package interop

import (
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// TestPromHTTP counts the everyday site's requests, by wrappers around its
// ResponseWriter, and compares what has been counted.
func TestPromHTTP(t *testing.T) {
	static := staticFolder(t)
	compareEach(t, func(testing.TB, hall) http.Handler {
		registry := prometheus.NewRegistry()
		requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."}, []string{"code", "method"})
		sizes := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "response_bytes", Help: "Sizes.", Buckets: []float64{0, 100, 10_000}}, []string{"code"})
		asked := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "request_bytes", Help: "Sizes.", Buckets: []float64{100, 10_000}}, []string{})
		inside := prometheus.NewGauge(prometheus.GaugeOpts{Name: "inside", Help: "Requests being answered."})
		durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "seconds", Help: "Durations.", Buckets: []float64{1e6}}, []string{"method"})
		first := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "first_byte_seconds", Help: "Until the head.", Buckets: []float64{1e6}}, []string{})
		registry.MustRegister(requests, sizes, asked, inside)

		site := muxSite(static)
		site = promhttp.InstrumentHandlerResponseSize(sizes, site)
		site = promhttp.InstrumentHandlerTimeToWriteHeader(first, site)
		site = promhttp.InstrumentHandlerCounter(requests, site)
		site = promhttp.InstrumentHandlerRequestSize(asked, site)
		site = promhttp.InstrumentHandlerDuration(durations, site)
		site = promhttp.InstrumentHandlerInFlight(inside, site)
		mux := http.NewServeMux()
		mux.Handle("/", site)
		mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
		return mux
	}, append(everyday(), []ask{
		{name: "the metrics", request: "GET /metrics", status: 200, says: `requests_total{code="201",method="post"} 2`},
		{name: "the metrics, compressed", request: "GET /metrics", fields: "Accept-Encoding: gzip", status: 200, says: "\x1f\x8b"},
		{name: "the metrics, as OpenMetrics", request: "GET /metrics", fields: "Accept: application/openmetrics-text; version=1.0.0", status: 200},
	}...))
}

// TestOTelHTTP traces the everyday site's requests and compares the spans.
func TestOTelHTTP(t *testing.T) {
	static := staticFolder(t)
	recorders := map[string]*tracetest.SpanRecorder{}
	compareEach(t, func(t testing.TB, on hall) http.Handler {
		recorders[on.name] = tracetest.NewSpanRecorder()
		provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorders[on.name]))
		return otelhttp.NewHandler(muxSite(static), "site", otelhttp.WithTracerProvider(provider), otelhttp.WithMessageEvents(otelhttp.ReadEvents, otelhttp.WriteEvents))
	}, everyday())
	want := spans(recorders[reference.name])
	if len(want) != len(everyday()) {
		t.Errorf("net/http: %d spans of %d requests", len(want), len(everyday()))
	}
	for _, on := range ours {
		if diff := cmp.Diff(want, spans(recorders[on.name])); diff != "" {
			t.Errorf("%s: the spans differ from net/http's (-):\n%s", on.name, diff)
		}
	}
}

// spans is what has been recorded, without ports, which differ each time, and
// without the events, of which there is one for each read: how many reads a
// body takes is a matter of its arrival.
func spans(r *tracetest.SpanRecorder) (all []string) {
	for _, span := range r.Ended() {
		parts := []string{span.Name(), span.SpanKind().String(), span.Status().Code.String()}
		for _, a := range span.Attributes() {
			if !strings.HasSuffix(string(a.Key), ".port") {
				parts = append(parts, string(a.Key)+"="+a.Value.Emit())
			}
		}
		slices.Sort(parts)
		all = append(all, strings.Join(parts, " "))
	}
	return all
}

func TestPprof(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	asks := []ask{
		{name: "index", request: "GET /debug/pprof/", changes: true, status: 200},
		{name: "command line", request: "GET /debug/pprof/cmdline", status: 200, says: "test"},
		{name: "CPU profile", request: "GET /debug/pprof/profile?seconds=1", changes: true, status: 200},
		{name: "execution trace", request: "GET /debug/pprof/trace?seconds=0.1", changes: true, status: 200},
		{name: "how many symbols", request: "GET /debug/pprof/symbol", status: 200, says: "num_symbols"},
		{name: "a symbol", request: "POST /debug/pprof/symbol", body: "0x1", status: 200, says: "num_symbols"},
		{name: "no such profile", request: "GET /debug/pprof/nothing", status: 404},
	}
	for _, profile := range []string{"goroutine", "heap", "allocs", "block", "mutex", "threadcreate"} {
		asks = append(asks,
			ask{name: profile, request: "GET /debug/pprof/" + profile, changes: true, status: 200},
			ask{name: profile + " as text", request: "GET /debug/pprof/" + profile + "?debug=1", changes: true, status: 200})
	}
	compare(t, mux, asks)
}
