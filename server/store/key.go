package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Key is a secret of 256 bits. It never prints itself.
type Key [32]byte

// String hides the key from logs and messages.
func (Key) String() string { return "(secret key)" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "store.Key{…}" }

// ErrLostKey says that the database was made with another master key than the one that was given.
var ErrLostKey = errors.New("the master key does not fit this database: put the master.key that was in use when the " +
	"database was made back into its place (it is not part of backups), or name it with OPENGATE_MASTER_KEY_FILE; " +
	"without it the answers can still be read, but receipts, protected releases and drafts cannot be continued")

// NewKey draws a key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails: crypto/rand
	return k
}

// LoadMaster reads the master key from a file of 64 hexadecimal digits, and creates the file, for its owner alone, when
// there is none; created says so. A file that others may read is refused.
func LoadMaster(path string) (key Key, created bool, err error) {
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return createMaster(path)
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Key{}, false, fmt.Errorf("master key: others may read %s (mode %04o): run chmod 600 on it", path, info.Mode().Perm())
	}
	b := make([]byte, 100)
	n, _ := f.Read(b) // a short or unreadable file fails the check of its content
	raw, err := hex.DecodeString(strings.TrimSpace(string(b[:n])))
	if err != nil || len(raw) != len(key) {
		return Key{}, false, fmt.Errorf("master key: %s is damaged: it must hold %d hexadecimal digits; put back the copy that was kept", path, 2*len(key))
	}
	return Key(raw), false, nil
}

// createMaster writes the whole key before the file has its name, so that no crash leaves half a key.
func createMaster(path string) (Key, bool, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	f, err := os.CreateTemp(dir, ".master-*") // mode 0600
	if err != nil {
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	key := NewKey()
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil { // fails where another process was faster
		if errors.Is(err, fs.ErrExist) {
			return LoadMaster(path)
		}
		return Key{}, false, fmt.Errorf("master key: %w", err)
	}
	syncDir(dir)
	return key, true, nil
}

// syncDir makes a new name in a directory last; where the system cannot, nothing is lost but certainty.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil { //nolint:gosec // the folder of the key
		_ = d.Sync()
		_ = d.Close()
	}
}

// seal encrypts with AES-256-GCM under a random nonce, bound to what names the place it is kept in.
func (k Key) seal(plain []byte, place string) []byte {
	a := k.aead()
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	_, _ = rand.Read(nonce)
	return a.Seal(nonce, nonce, plain, []byte(place))
}

// open reverses seal; false for another key, another place or damage.
func (k Key) open(sealed []byte, place string) ([]byte, bool) {
	a := k.aead()
	if len(sealed) < a.NonceSize() {
		return nil, false
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], []byte(place))
	return plain, err == nil
}

func (k Key) aead() cipher.AEAD {
	b, err := aes.NewCipher(k[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	a, err := cipher.NewGCM(b)
	if err != nil {
		panic(err)
	}
	return a
}
