package intake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/argon2"

	"opengate/server/store"
	"opengate/survey"
)

// A resume code has 16 decimal digits (53 bits): easy to copy on paper in any alphabet. It is stretched by Argon2id
// with the parameters that OWASP ASVS names, so that a stolen database cannot be searched for codes cheaply.
const (
	codeDigits  = 16
	argonTime   = 2
	argonMemory = 19 * 1024 // KiB
)

// ResumeCode makes a code that leads back to the draft, in four groups of four digits. Each call makes another;
// all of them work until the draft is sent or expires.
func (s *Service) ResumeCode(ctx context.Context, d *Draft) (string, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil))
	if err != nil {
		return "", fmt.Errorf("intake: resume code: %w", err)
	}
	code := fmt.Sprintf("%0*s", codeDigits, n.String())
	id, key, err := s.stretch(ctx, code)
	if err != nil {
		return "", err
	}
	wrapped, err := seal(key, []byte(d.Token), id)
	if err != nil {
		return "", err
	}
	if err := s.store.AddResume(ctx, store.Resume{ID: id, Wrapped: wrapped, Expires: s.day() + draftDays}); err != nil {
		return "", fmt.Errorf("intake: resume code: %w", err)
	}
	return code[:4] + " " + code[4:8] + " " + code[8:12] + " " + code[12:], nil
}

// Resume opens the draft that a code leads to. Spaces, hyphens and Arabic digits are read; survey.ErrNotFound for
// anything that leads nowhere.
func (s *Service) Resume(ctx context.Context, code string) (*Draft, error) {
	code = onlyDigits(code)
	if len(code) != codeDigits {
		return nil, fmt.Errorf("intake: resume code: %w", survey.ErrNotFound)
	}
	id, key, err := s.stretch(ctx, code)
	if err != nil {
		return nil, err
	}
	r, err := s.store.Resume(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("intake: resume: %w", err)
	}
	token, err := unseal(key, r.Wrapped, id)
	if err != nil {
		return nil, err
	}
	return s.Load(ctx, string(token))
}

// stretch derives the lookup id and the wrapping key from a code.
func (s *Service) stretch(ctx context.Context, code string) (id string, key []byte, err error) {
	salt, err := s.store.SystemKey(ctx, "resume salt")
	if err != nil {
		return "", nil, fmt.Errorf("intake: resume salt: %w", err)
	}
	select {
	case s.argon <- struct{}{}:
		defer func() { <-s.argon }()
	case <-ctx.Done():
		return "", nil, ctx.Err()
	}
	out := argon2.IDKey([]byte(code), salt, argonTime, argonMemory, 1, 48)
	return hex.EncodeToString(out[:16]), out[16:], nil
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case strings.ContainsRune(" -–\u00a0\u202f\u200e\u200f\t.", r):
			return -1
		}
		return 'x'
	}, s)
}
