package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quietModules is the light border that readers need around a QR code (ISO/IEC 18004, 9.1).
const quietModules = 4

// qrModules is a QR code as a square of modules without its border; true is dark. Rows first. The error correction
// level Q survives a quarter of the code being dirty or torn, as on a street poster.
func qrModules(content string) ([][]bool, error) {
	code, err := qr.Encode(content, qr.Q, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("web: QR code: %w", err)
	}
	size := code.Bounds().Dx()
	rows := make([][]bool, size)
	for y := range rows {
		rows[y] = make([]bool, size)
		for x := range rows[y] {
			r, _, _, _ := code.At(x, y).RGBA()
			rows[y][x] = r == 0
		}
	}
	return rows, nil
}

// qrSVG draws a QR code with its border as one path, to be printed at any size. label is its accessible name.
func qrSVG(content, label string) (string, error) {
	rows, err := qrModules(content)
	if err != nil {
		return "", err
	}
	side := len(rows) + 2*quietModules
	var path strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			run := 1
			for x+run < len(row) && row[x+run] {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quietModules, y+quietModules, run, run)
			x += run
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img" aria-label="%s">`+
		`<path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		side, side, svgText.Replace(label), side, side, path.String()), nil
}

var svgText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// qrPNG draws a QR code with its border, at least minPixels wide and every module the same number of pixels.
func qrPNG(content string, minPixels int) ([]byte, error) {
	rows, err := qrModules(content)
	if err != nil {
		return nil, err
	}
	side := len(rows) + 2*quietModules
	scale := max((minPixels+side-1)/side, 1)
	img := image.NewPaletted(image.Rect(0, 0, side*scale, side*scale), color.Palette{color.White, color.Black})
	for y, row := range rows {
		for x, dark := range row {
			if !dark {
				continue
			}
			for dy := range scale {
				start := img.PixOffset((x+quietModules)*scale, (y+quietModules)*scale+dy)
				for dx := range scale {
					img.Pix[start+dx] = 1
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("web: QR code: %w", err)
	}
	return out.Bytes(), nil
}
