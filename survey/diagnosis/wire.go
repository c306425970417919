package diagnosis

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// schema is the number of the stored form; it rises when an older reader would misread a newer cube.
const schema = 1

// maxUnpacked bounds what a stored cube may unpack to, in bytes.
const maxUnpacked = 1 << 30

// wireCube is how a cube is written: cells refer to indicators and rows by number, one list per column, because a
// large form has hundreds of thousands of cells.
type wireCube struct {
	*Cube
	Cells wireCells
}

type wireCells struct {
	Indicator []int
	Row       []int
	Count     []int
	Base      []int
	Hidden    []string `json:",omitempty"` // absent where all are ""
}

func (c *Cube) wire() (wireCube, error) {
	indicators, rows := map[string]int{}, map[string]int{}
	for i, x := range c.Indicators {
		indicators[x.ID] = i
	}
	for i, x := range c.Rows {
		rows[x.Category] = i
	}
	w := wireCube{Cube: c}
	hidden := false
	for _, x := range c.Cells {
		i, ok := indicators[x.Indicator]
		r, known := rows[x.Category]
		if !ok || !known {
			return w, fmt.Errorf("cell %s of %s names an unknown indicator or row", x.Indicator, x.Category)
		}
		w.Cells.Indicator, w.Cells.Row = append(w.Cells.Indicator, i), append(w.Cells.Row, r)
		w.Cells.Count, w.Cells.Base = append(w.Cells.Count, x.Count), append(w.Cells.Base, x.Base)
		w.Cells.Hidden, hidden = append(w.Cells.Hidden, x.Hidden), hidden || x.Hidden != ""
	}
	if !hidden {
		w.Cells.Hidden = nil
	}
	return w, nil
}

func (w wireCube) cube() (*Cube, error) {
	c, n := w.Cube, len(w.Cells.Indicator)
	for _, length := range []int{len(w.Cells.Row), len(w.Cells.Count), len(w.Cells.Base)} {
		if length != n {
			return nil, errors.New("the columns of its cells differ in length")
		}
	}
	if w.Cells.Hidden == nil {
		w.Cells.Hidden = make([]string, n)
	}
	if len(w.Cells.Hidden) != n {
		return nil, errors.New("the columns of its cells differ in length")
	}
	c.Cells = make([]Cell, n)
	for at := range n {
		i, r := w.Cells.Indicator[at], w.Cells.Row[at]
		if i < 0 || i >= len(c.Indicators) || r < 0 || r >= len(c.Rows) {
			return nil, fmt.Errorf("cell %d names an unknown indicator or row", at)
		}
		c.Cells[at] = Cell{
			Indicator: c.Indicators[i].ID, Category: c.Rows[r].Category, Count: w.Cells.Count[at],
			Base: w.Cells.Base[at], Hidden: w.Cells.Hidden[at],
		}
	}
	return c, nil
}

// Encode gives the stored form of a cube, the same bytes for the same cube.
func (c *Cube) Encode() ([]byte, error) {
	w, err := c.wire()
	if err != nil {
		return nil, fmt.Errorf("write cube: %w", err)
	}
	return pack(w)
}

// Decode reads what Cube.Encode wrote.
func Decode(data []byte) (*Cube, error) {
	w := wireCube{Cube: &Cube{}}
	if err := unpack(data, &w); err != nil {
		return nil, fmt.Errorf("read cube: %w", err)
	}
	if w.Schema != schema {
		return nil, fmt.Errorf("read cube: schema %d, this version reads %d", w.Schema, schema)
	}
	if w.Commitment == "" {
		return nil, errors.New("read cube: this is something else, it has no commitment")
	}
	c, err := w.cube()
	if err != nil {
		return nil, fmt.Errorf("read cube: %w", err)
	}
	return c, nil
}

func pack(v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	return b.Bytes(), nil
}

func unpack(data []byte, v any) error {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err != nil {
		return err
	}
	if len(plain) > maxUnpacked {
		return fmt.Errorf("unpacks to more than %d bytes", maxUnpacked)
	}
	return json.Unmarshal(plain, v)
}
