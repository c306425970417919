package office

import (
	"archive/zip"
	"bytes"
	"errors"
	"testing"
)

func TestMediaZip(t *testing.T) {
	zipped := func(files ...string) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, name := range files {
			w, err := z.Create(name)
			must(t, err)
			_, err = w.Write(make([]byte, 10))
			must(t, err)
		}
		must(t, z.Close())
		return out.Bytes()
	}
	media, err := MediaZip(zipped("a.png", "folder/b.csv", "__MACOSX/a.png", ".hidden"))
	if err != nil || len(media) != 2 || len(media["b.csv"]) != 10 {
		t.Errorf("%v, %v", media, err)
	}
	for name, data := range map[string][]byte{
		"no zip":     []byte("x"),
		"same names": zipped("a/x.png", "b/x.png"),
		"bomb":       bomb(t),
	} {
		if _, err := MediaZip(data); !errors.Is(err, ErrMedia) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bomb is a small zip of more than maxMediaBytes.
func bomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("big.bin")
	must(t, err)
	block := make([]byte, 1<<20)
	for range maxMediaBytes>>20 + 1 {
		_, err := w.Write(block)
		must(t, err)
	}
	must(t, z.Close())
	return out.Bytes()
}
