package office

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// ErrMedia says that attachments cannot be used; the error around it says why.
var ErrMedia = errors.New("the attachments cannot be used")

// The most that attachments may be.
const (
	maxMediaFiles = 2000
	maxMediaBytes = 128 << 20 // unpacked
)

// MediaZip reads the attachments of a form from a zip file. Folders are flattened, because forms name files without
// them. Errors are ErrMedia and say which file is at fault.
func MediaZip(data []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: not a zip file (%w)", ErrMedia, err)
	}
	return MediaFS(z)
}

// MediaFS reads the attachments of a form from a folder; see MediaZip.
func MediaFS(folder fs.FS) (map[string][]byte, error) {
	media, left := map[string][]byte{}, int64(maxMediaBytes)
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		switch {
		case err != nil:
			return fmt.Errorf("%w: %s: %w", ErrMedia, name, err)
		case name != "." && (strings.HasPrefix(base, ".") || base == "__MACOSX"):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%w: %s is not a plain file", ErrMedia, name)
		case media[base] != nil:
			return fmt.Errorf("%w: two files are named %s", ErrMedia, base)
		case len(media) == maxMediaFiles:
			return fmt.Errorf("%w: more than %d files", ErrMedia, maxMediaFiles)
		}
		content, err := readMedia(folder, name, left)
		left -= int64(len(content))
		media[base] = content
		return err
	})
	if err != nil {
		return nil, err
	}
	return media, nil
}

// readMedia reads one file, of which the declared size is not believed.
func readMedia(folder fs.FS, name string, left int64) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMedia, name, err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, left+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMedia, name, err)
	}
	if int64(len(content)) > left {
		return nil, fmt.Errorf("%w: more than %d MB unpacked", ErrMedia, maxMediaBytes>>20)
	}
	return content, nil
}
