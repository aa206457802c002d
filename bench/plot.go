package main

import (
	"fmt"
	"image/color"
	"os"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The plot: a panel a workload, a bar a server, CPU time per request; the
// shorter the better. Genkan's bars are dark.

const (
	panelWidth = 11 * vg.Centimeter
	lineHeight = 0.55 * vg.Centimeter
	margin     = 1.7 * vg.Centimeter // title and axis of a panel
)

var (
	ours   = color.RGBA{R: 0x1f, G: 0x4e, B: 0x8c, A: 0xff}
	theirs = color.RGBA{R: 0xb8, G: 0xc4, B: 0xd2, A: 0xff}
)

// plotFile is the plot's file beside the Markdown.
func plotFile(markdown string) string { return strings.TrimSuffix(markdown, ".md") + ".svg" }

// plot writes the panels, two abreast, as SVG.
func (r *report) plot(file string) error {
	const columns = 2
	most := 0
	for _, s := range r.sections {
		most = max(most, len(s.rows))
	}
	lines := (len(r.sections) + columns - 1) / columns
	tiles := draw.Tiles{Rows: lines, Cols: columns, PadX: 0.6 * vg.Centimeter, PadY: 0.4 * vg.Centimeter, PadLeft: 0.3 * vg.Centimeter, PadTop: 0.1 * vg.Centimeter}
	height := vg.Length(lines) * (margin + vg.Length(most)*lineHeight)
	canvas := vgsvg.New(columns*panelWidth, height)
	whole := draw.New(canvas)
	whole.SetColor(color.White)
	whole.Fill(whole.Path())
	for i, s := range r.sections {
		p, err := s.panel()
		if err != nil {
			return fmt.Errorf("plot of %s: %w", s.name, err)
		}
		p.Draw(tiles.At(whole, i%columns, i/columns))
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// panel is one workload's bars, in the order of the table from the top.
func (s section) panel() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = s.name
	p.X.Label.Text = "CPU µs per request"
	p.X.Min = 0
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	p.Y.Padding = 0.8 * vg.Centimeter // viewers lack the font that is measured here, and take a wider one
	p.Y.Tick.Label.Font.Variant, p.Title.TextStyle.Font.Variant = "Sans", "Sans"
	p.X.Tick.Label.Font.Variant, p.X.Label.TextStyle.Font.Variant = "Sans", "Sans"
	var labels []string
	for i := len(s.rows) - 1; i >= 0; i-- {
		one := s.rows[i]
		bar, err := plotter.NewBarChart(plotter.Values{one.perRequest}, 0.35*vg.Centimeter)
		if err != nil {
			return nil, err
		}
		bar.Horizontal, bar.XMin, bar.LineStyle.Width = true, float64(len(labels)), 0
		bar.Color = theirs
		if strings.HasPrefix(one.label, "genkan") {
			bar.Color = ours
		}
		p.Add(bar)
		labels = append(labels, fmt.Sprintf("%s  %.2f", one.label, one.perRequest))
	}
	p.NominalY(labels...)
	return p, nil
}
