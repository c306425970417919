package staff

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MinPassword is how many characters a password needs; there is no other rule of composition.
const MinPassword = 12

const maxPasswordBytes = 1024

// Why a password is refused.
var (
	ErrShort   = errors.New("password is shorter than 12 characters")
	ErrLong    = errors.New("password is longer than 1024 bytes")
	ErrIsEmail = errors.New("password is the e-mail address")
)

// Argon2id parameters of OWASP ASVS 5.0, appendix C: two passes over 19 MiB by one thread.
const (
	argonTime      = 2
	argonMemoryKiB = 19 * 1024
	argonThreads   = 1
	argonSalt      = 16
	argonKey       = 32
)

// hasher derives keys from passwords, as many at once as there are processors, so that a flood of sign-ins uses
// bounded memory. The decoy is checked where there is no password, so that both cases take the same time.
type hasher struct {
	slots chan struct{}
	decoy string
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, runtime.NumCPU())}
	h.decoy = encode(randomBytes(argonSalt), randomBytes(argonKey))
	return h
}

// hash gives the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := randomBytes(argonSalt)
	key, err := h.derive(ctx, password, params{argonTime, argonMemoryKiB, argonThreads, salt, argonKey})
	if err != nil {
		return "", err
	}
	return encode(salt, key), nil
}

// verify says whether the password belongs to the PHC string; "" stands for an account without one, which costs as
// much time and is never right.
func (h *hasher) verify(ctx context.Context, phc, password string) (bool, error) {
	known := phc != ""
	if !known {
		phc = h.decoy
	}
	p, want, err := decode(phc)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

type params struct {
	time, memory uint32
	threads      uint8
	salt         []byte
	length       uint32
}

func (h *hasher) derive(ctx context.Context, password string, p params) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey(normal(password), p.salt, p.time, p.memory, p.threads, p.length), nil
}

// normal makes the same password typed on two keyboards the same bytes (NIST SP 800-63B, 5.1.1.2).
func normal(password string) []byte { return norm.NFKC.Bytes([]byte(password)) }

var b64 = base64.RawStdEncoding

func encode(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonTime, argonThreads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decode(phc string) (params, []byte, error) {
	var p params
	var version int
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, nil, errors.New("staff: stored password is not an argon2id string")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, errors.New("staff: stored password has another argon2 version")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, nil, fmt.Errorf("staff: stored password's parameters: %w", err)
	}
	salt, err := b64.DecodeString(parts[4])
	if err != nil {
		return p, nil, fmt.Errorf("staff: stored password's salt: %w", err)
	}
	key, err := b64.DecodeString(parts[5])
	if err != nil || len(key) == 0 {
		return p, nil, errors.New("staff: stored password's key cannot be read")
	}
	if p.time == 0 || p.threads == 0 || p.memory > 1<<20 || p.time > 64 {
		return p, nil, errors.New("staff: stored password's parameters are out of range")
	}
	p.salt, p.length = salt, uint32(len(key)) //nolint:gosec // one line of the database
	return p, key, nil
}

// CheckPassword says why a new password is refused: ErrShort, ErrLong or ErrIsEmail; nil when it is fine.
func CheckPassword(password, email string) error {
	switch {
	case len(password) > maxPasswordBytes:
		return ErrLong
	case utf8.RuneCount(normal(password)) < MinPassword:
		return ErrShort
	case email != "" && strings.EqualFold(strings.TrimSpace(password), email):
		return ErrIsEmail
	}
	return nil
}
