package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

// How long somebody stays signed in.
const (
	idleTime    = 30 * time.Minute
	sessionTime = 12 * time.Hour
)

// What a session holds.
const (
	sessionUser   = "user"
	sessionStamp  = "stamp"
	sessionNotice = "notice"
	sessionSecret = "secret"
)

// newSessions makes the manager of staff sessions: opaque 256-bit ids, kept hashed in the store. Only staff have a
// cookie, and it is sent under /staff alone, except that the __Host- prefix demands the whole site.
func (s *Server) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Staff.Sessions
	m.HashTokenInStore = true
	m.IdleTimeout, m.Lifetime = idleTime, sessionTime
	m.Cookie = scs.SessionCookie{Name: "opengate_staff", Path: "/staff", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(s.Config.BaseURL, "https://") {
		m.Cookie.Name, m.Cookie.Path, m.Cookie.Secure = "__Host-opengate_staff", "/", true
	}
	return m
}

// sessionWriter stores the session and sets its cookie before the first byte of the answer leaves.
type sessionWriter struct {
	gin.ResponseWriter
	commit func() error
	done   bool
	err    error
}

func (w *sessionWriter) finish() {
	if !w.done {
		w.done = true
		w.err = w.commit()
	}
}

// Write implements http.ResponseWriter.
func (w *sessionWriter) Write(b []byte) (int, error) {
	if w.finish(); w.err != nil {
		return 0, w.err
	}
	return w.ResponseWriter.Write(b)
}

// WriteString implements gin.ResponseWriter.
func (w *sessionWriter) WriteString(text string) (int, error) {
	if w.finish(); w.err != nil {
		return 0, w.err
	}
	return w.ResponseWriter.WriteString(text)
}

// WriteHeaderNow implements gin.ResponseWriter.
func (w *sessionWriter) WriteHeaderNow() {
	w.finish()
	w.ResponseWriter.WriteHeaderNow()
}

// openSession loads the visitor's session and account. finish stores what changed and must be called before the
// request ends.
func (d *desk) openSession(v *visit) (finish func(), err error) {
	var token string
	if cookie, err := v.Request.Cookie(d.sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	if v.ctx, err = d.sessions.Load(v.ctx, token); err != nil {
		return nil, err
	}
	if err := d.recognise(v); err != nil {
		return nil, err
	}
	v.Header("Vary", "Cookie")
	plain := v.Writer
	w := &sessionWriter{ResponseWriter: plain}
	w.commit = func() error { return d.commitSession(v, plain) }
	v.Writer = w
	return func() {
		if w.finish(); w.err != nil {
			d.Log.Error("staff session not stored", "route", v.FullPath(), "error", w.err)
		}
		v.Writer = plain
	}, nil
}

func (d *desk) commitSession(v *visit, w http.ResponseWriter) error {
	switch d.sessions.Status(v.ctx) {
	case scs.Modified:
		token, expiry, err := d.sessions.Commit(v.ctx)
		if err != nil {
			return err
		}
		d.sessions.WriteSessionCookie(v.ctx, noCacheControl{w}, token, expiry)
	case scs.Destroyed:
		d.sessions.WriteSessionCookie(v.ctx, noCacheControl{w}, "", time.Time{})
	case scs.Unmodified:
	}
	return nil
}

// noCacheControl drops what scs adds to Cache-Control: staff pages are never stored at all.
type noCacheControl struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (noCacheControl) WriteHeader(int) {}

// recognise finds the account of the session. An account that was disabled, or whose password or role changed, is
// signed out by it.
func (d *desk) recognise(v *visit) error {
	id := d.sessions.GetString(v.ctx, sessionUser)
	if id == "" {
		return nil
	}
	u, err := d.Staff.People.User(v.ctx, id)
	switch {
	case errors.Is(err, survey.ErrNotFound), err == nil && staff.Stamp(u) != d.sessions.GetString(v.ctx, sessionStamp):
		return d.sessions.Destroy(v.ctx)
	case err != nil:
		return err
	}
	v.user = &u
	return nil
}

// enterAs begins a session of that account under a new id, so that an id from before sign-in is worth nothing.
func (d *desk) enterAs(v *visit, u store.User) error {
	if err := d.sessions.RenewToken(v.ctx); err != nil {
		return err
	}
	d.sessions.Put(v.ctx, sessionUser, u.ID)
	d.sessions.Put(v.ctx, sessionStamp, staff.Stamp(u))
	v.user = &u
	return nil
}

// note keeps a sentence for the next page.
func (d *desk) note(v *visit, key string, args ...any) {
	d.sessions.Put(v.ctx, sessionNotice, v.p.T(key, args...))
}

// once is something shown on the next page and never again: an invitation link, an API key.
type once struct{ Kind, Name, Value string }

// keepOnce keeps a secret for the next page, sealed under the session's id, of which the store knows only the hash.
func (d *desk) keepOnce(v *visit, secret once) error {
	plain, err := json.Marshal(secret)
	if err != nil {
		return err
	}
	box, err := d.box(v)
	if err != nil {
		return err
	}
	nonce := make([]byte, box.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	d.sessions.Put(v.ctx, sessionSecret, box.Seal(nonce, nonce, plain, nil))
	return nil
}

// takeOnce gives the secret kept for this page, if it is of that kind.
func (d *desk) takeOnce(v *visit, kind string) *once {
	sealed := d.sessions.PopBytes(v.ctx, sessionSecret)
	box, err := d.box(v)
	if err != nil || len(sealed) < box.NonceSize() {
		return nil
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	var secret once
	if err != nil || json.Unmarshal(plain, &secret) != nil || secret.Kind != kind {
		return nil
	}
	return &secret
}

func (d *desk) box(v *visit) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("shown once\x00" + d.sessions.Token(v.ctx)))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
