package diagnosis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrKey says that a release was made with another protection key. A lost key cannot be replaced within a wave: a
// second draw of every number could be averaged with the first.
var ErrKey = errors.New("the protection key is not the one of the earlier releases of this wave; restore it, or begin a new wave")

// keySize is the length of a protection key in bytes.
const keySize = 32

// baseline is what a row remembers of its last refresh.
type baseline struct {
	Category  string
	Size      int // exact
	Refreshed int // release
}

// memory is what Make hands, sealed, to the release after it.
type memory struct {
	Schema int
	Rows   []baseline  // by category
	Near   [][2]string `json:",omitempty"` // rows that fewer than k people told apart when both were last recomputed together
}

// sizes are the rows by their category.
func (m memory) sizes() map[string]baseline {
	rows := map[string]baseline{}
	for _, r := range m.Rows {
		rows[r.Category] = r
	}
	return rows
}

// sealer encrypts exact sizes under a key of their own, derived from the protection key (HKDF, AES-256-GCM).
type sealer struct {
	aead    cipher.AEAD
	nonces  []byte
	context string
}

func newSealer(key []byte, surveyName, wave string, release int) (*sealer, error) {
	enc, err := hkdf.Key(sha256.New, key, nil, "opengate row sizes", keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of row sizes: %w", err)
	}
	nonces, err := hkdf.Key(sha256.New, key, nil, "opengate row sizes, nonces", keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of nonces: %w", err)
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, fmt.Errorf("seal row sizes: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal row sizes: %w", err)
	}
	return &sealer{aead, nonces, fmt.Sprintf("%s|%s|%d", token(surveyName), token(wave), release)}, nil
}

// seal gives the same bytes for the same rows: the nonce is a keyed hash of what it protects, so it repeats only where
// everything does.
func (s *sealer) seal(rows []baseline, near [][2]string) ([]byte, error) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b baseline) int { return strings.Compare(a.Category, b.Category) })
	plain, err := json.Marshal(memory{1, rows, near})
	if err != nil {
		return nil, fmt.Errorf("seal row sizes: %w", err)
	}
	mac := hmac.New(sha256.New, s.nonces)
	mac.Write([]byte(s.context + "|"))
	mac.Write(plain)
	nonce := mac.Sum(nil)[:s.aead.NonceSize()]
	return s.aead.Seal(nonce, nonce, plain, []byte(s.context)), nil
}

func (s *sealer) open(sealed []byte) (memory, error) {
	var m memory
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return m, fmt.Errorf("sealed row sizes are cut short: %w", ErrKey)
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(s.context))
	if err != nil {
		return m, fmt.Errorf("open sealed row sizes: %w", ErrKey)
	}
	if err := json.Unmarshal(plain, &m); err != nil {
		return m, fmt.Errorf("read sealed row sizes: %w", err)
	}
	return m, nil
}
