package intake

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// draftDays is how long an unfinished answer is kept after it was last saved; the pages say so.
const draftDays = 14

// DraftDays is how many days an unfinished answer is kept after it was last saved.
func DraftDays() int { return draftDays }

// Draft is one unfinished response, in clear only while a request is handled. Its token never leaves the form that
// the resident holds.
type Draft struct {
	Token      string `json:"-"`
	Rev        int64  `json:"-"`
	ResponseID string
	Slug       string
	Link       string
	Version    int
	Language   survey.Lang
	Consent    string
	Page       int           // page to show
	Reached    []int         // pages that were shown, ascending
	PageRev    map[int]int64 // draft revision at which each page was last saved
	Answers    survey.Answers
	Fallback   int
	Seed       uint64
	Day        string // YYYY-MM-DD on which it was begun, in the survey's zone
	CodeShown  bool   // the resume code was shown after the first page
	Test       bool   // begun while the survey was being tried out: it never becomes a real answer
}

// Reach records that a page was shown.
func (d *Draft) Reach(page int) {
	if i, ok := slices.BinarySearch(d.Reached, page); !ok {
		d.Reached = slices.Insert(d.Reached, i, page)
	}
}

// HasReached says whether a page was shown.
func (d *Draft) HasReached(page int) bool {
	_, ok := slices.BinarySearch(d.Reached, page)
	return ok
}

// Now is what evaluations of this draft's form know of the outside.
func (s *Service) Now(door Door, d *Draft) survey.Now {
	return survey.Now{Time: s.now().In(door.Zone()), Langs: []survey.Lang{d.Language, door.Form.Default}, Seed: d.Seed}
}

// Begin starts a response and stores its empty draft. Consent is the version of the consent text agreed to.
func (s *Service) Begin(ctx context.Context, door Door, lang survey.Lang) (*Draft, error) {
	var seed [8]byte
	_, _ = rand.Read(seed[:])
	d := &Draft{
		Token: NewID(), ResponseID: NewID(), Slug: door.Survey.Slug, Link: door.Link.Code, Version: door.Form.Version,
		Language: lang, Consent: door.Form.Plan.Settings.ConsentVersion, PageRev: map[int]int64{},
		Day: s.now().In(door.Zone()).Format(time.DateOnly), Test: door.Test,
	}
	for _, b := range seed {
		d.Seed = d.Seed<<8 | uint64(b)
	}
	d.Answers = survey.InitialAnswers(door.Form, s.Now(door, d))
	return d, s.Save(ctx, d)
}

// Save seals and stores the draft under its token. It returns survey.ErrConflict when the draft was saved since
// it was loaded: load again, merge page by page, save.
func (s *Service) Save(ctx context.Context, d *Draft) error {
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("intake: draft: %w", err)
	}
	id, key, err := draftKey(d.Token)
	if err != nil {
		return err
	}
	sealed, err := seal(key, plain, id)
	if err != nil {
		return err
	}
	rev, err := s.store.PutDraft(ctx, store.Draft{
		ID: id, Survey: d.Slug, Sealed: sealed, Rev: d.Rev, Expires: s.day() + draftDays,
	})
	if err != nil {
		return fmt.Errorf("intake: save draft: %w", err)
	}
	d.Rev = rev
	return nil
}

// Load opens a draft by its token; survey.ErrNotFound when it was sent, discarded or has expired.
func (s *Service) Load(ctx context.Context, token string) (*Draft, error) {
	if !ValidID(token) {
		return nil, fmt.Errorf("intake: token: %w", survey.ErrNotFound)
	}
	id, key, err := draftKey(token)
	if err != nil {
		return nil, err
	}
	stored, err := s.store.Draft(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("intake: load draft: %w", err)
	}
	if stored.Expires < s.day() {
		return nil, fmt.Errorf("intake: draft expired: %w", survey.ErrNotFound)
	}
	plain, err := unseal(key, stored.Sealed, id)
	if err != nil {
		return nil, err
	}
	d := &Draft{Token: token, Rev: stored.Rev, PageRev: map[int]int64{}, Answers: survey.Answers{}}
	if err := json.Unmarshal(plain, d); err != nil {
		return nil, fmt.Errorf("intake: draft: %w", err)
	}
	return d, nil
}

// Discard deletes a draft for good.
func (s *Service) Discard(ctx context.Context, d *Draft) error {
	id, _, err := draftKey(d.Token)
	if err != nil {
		return err
	}
	if err := s.store.DeleteDraft(ctx, id); err != nil && !errors.Is(err, survey.ErrNotFound) {
		return fmt.Errorf("intake: discard draft: %w", err)
	}
	return nil
}

// day is today as days since 1970, UTC: expiry needs no finer clock.
func (s *Service) day() int64 { return s.now().Unix() / 86400 }

// draftKey derives the draft's id and its key from the token, so that the database holds neither.
func draftKey(token string) (id string, key []byte, err error) {
	out, err := hkdf.Key(sha256.New, []byte(token), nil, "opengate draft v1", 48)
	if err != nil {
		return "", nil, fmt.Errorf("intake: draft key: %w", err)
	}
	return hex.EncodeToString(out[:16]), out[16:], nil
}

func seal(key, plain []byte, bound string) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, []byte(bound)), nil
}

func unseal(key, sealed []byte, bound string) ([]byte, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("intake: sealed text is cut short")
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(bound))
	if err != nil {
		return nil, fmt.Errorf("intake: unseal: %w", err)
	}
	return plain, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("intake: cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("intake: cipher: %w", err)
	}
	return aead, nil
}
