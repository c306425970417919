package intake

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
)

// A receipt is 128 bits of HMAC(receipt key of the survey, response id) in Crockford's base32, which has no letters
// that look like digits, and two check characters: 28 characters in seven groups of four.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// Receipt gives the receipt of a response; the same one at every call.
func (s *Service) Receipt(ctx context.Context, slug, responseID string) (string, error) {
	key, _, err := s.store.SurveyKey(ctx, slug, "receipt")
	if err != nil {
		return "", fmt.Errorf("intake: receipt key: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("receipt v1|" + responseID))
	text := crockford.EncodeToString(mac.Sum(nil)[:16])
	text += check(text)
	groups := make([]string, 0, 7)
	for ; len(text) > 0; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, "-"), nil
}

// check gives two characters that catch a mistyped receipt before anything is looked up.
func check(text string) string {
	sum := sha256.Sum256([]byte("receipt check|" + text))
	return crockford.EncodeToString(sum[:2])[:2]
}

// normalReceipt reads what a person copied: any case, spaces or hyphens, O for 0, I and L for 1.
func normalReceipt(typed string) (string, bool) {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I', r == 'L':
			return '1'
		case strings.ContainsRune(" -–\u00a0\u200e\u200f\t\r\n", r):
			return -1
		}
		return r
	}, strings.ToUpper(typed))
	if len(text) != 28 || check(text[:26]) != text[26:] {
		return "", false
	}
	return text, true
}

// receiptHash is what the store indexes: the receipt itself is kept nowhere.
func receiptHash(receipt string) []byte {
	text, _ := normalReceipt(receipt)
	sum := sha256.Sum256([]byte("receipt hash v1|" + text))
	return sum[:]
}
