package web

import (
	"errors"
	"net/http"

	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

// home leads to the first page that the role may see.
func (d *desk) home(v *visit) error {
	if v.role().May(staff.ReadSurveys) {
		return v.goTo("/surveys")
	}
	return v.goTo("/links")
}

type signInBody struct{ Email, Next string }

func (d *desk) showSignIn(v *visit) error {
	next := safeNext(v.Query("next"), "")
	if v.user != nil {
		v.Redirect(http.StatusSeeOther, safeNext(next, v.base()))
		return nil
	}
	return d.show(v, "signin", d.page(v, "staff.signin", "/sign-in", signInBody{Next: next}))
}

func (d *desk) signIn(v *visit) error {
	email, next := v.PostForm("email"), v.PostForm("next")
	u, err := d.Staff.People.SignIn(v.ctx, email, v.PostForm("password"), neighbourhood(v.ClientIP()))
	page := func() *staffPage {
		return d.page(v, "staff.signin", "/sign-in", signInBody{Email: email, Next: safeNext(next, "")})
	}
	switch {
	case errors.Is(err, staff.ErrSignIn):
		return d.show(v, "signin", page(), fieldError{"email", v.p.T("staff.signin.wrong")})
	case errors.Is(err, survey.ErrBusy):
		v.Header("Retry-After", "10")
		return d.show(v, "signin", page(), fieldError{"", v.p.T("staff.signin.slow")})
	case err != nil:
		return err
	}
	if err := d.enterAs(v, u); err != nil {
		return err
	}
	v.Redirect(http.StatusSeeOther, safeNext(next, v.base()))
	return nil
}

func (d *desk) signOut(v *visit) error {
	if err := d.sessions.Destroy(v.ctx); err != nil {
		return err
	}
	v.user = nil
	return v.goTo("/sign-in")
}

type inviteBody struct {
	Token, Email string
	First        bool // the first start: the address is chosen here
}

func (d *desk) invitePage(v *visit, u store.User) *staffPage {
	body := inviteBody{Token: v.Param("token"), Email: u.Email, First: u.Email == ""}
	if body.First {
		body.Email = v.PostForm("email")
	}
	return d.page(v, "staff.invite", "/invite/"+body.Token, body)
}

// showInvite shows an invitation and uses nothing up: mail scanners open links.
func (d *desk) showInvite(v *visit) error {
	u, err := d.Staff.People.Invited(v.ctx, v.Param("token"))
	if err != nil {
		return err
	}
	return d.show(v, "invite", d.invitePage(v, u))
}

func (d *desk) acceptInvite(v *visit) error {
	u, err := d.Staff.People.Invited(v.ctx, v.Param("token"))
	if err != nil {
		return err
	}
	email := u.Email
	var wrong []fieldError
	if email == "" {
		email = v.PostForm("email")
		_, err := staff.Address(email)
		wrong = d.accountErrors(v, err)
	}
	if wrong = append(wrong, d.passwordErrors(v, email)...); len(wrong) > 0 {
		return d.show(v, "invite", d.invitePage(v, u), wrong...)
	}
	accepted, err := d.Staff.People.Accept(v.ctx, v.Param("token"), email, v.PostForm("password"))
	if e, ok := d.accountError(v, err); ok {
		return d.show(v, "invite", d.invitePage(v, u), e)
	}
	if err != nil {
		return err
	}
	if err := d.enterAs(v, accepted); err != nil {
		return err
	}
	d.note(v, "staff.invite.welcome")
	return v.goTo("")
}

func (d *desk) passwordPage(v *visit) *staffPage {
	return d.page(v, "staff.password.title", "/password", nil)
}

func (d *desk) showPassword(v *visit) error { return d.show(v, "password", d.passwordPage(v)) }

func (d *desk) changePassword(v *visit) error {
	if wrong := d.passwordErrors(v, v.user.Email); len(wrong) > 0 {
		return d.show(v, "password", d.passwordPage(v), wrong...)
	}
	u, err := d.Staff.People.ChangePassword(v.ctx, v.user.ID, v.PostForm("old"), v.PostForm("password"))
	if errors.Is(err, staff.ErrSignIn) {
		return d.show(v, "password", d.passwordPage(v), fieldError{"old", v.p.T("staff.password.wrong")})
	}
	if e, ok := d.accountError(v, err); ok {
		return d.show(v, "password", d.passwordPage(v), e)
	}
	if err != nil {
		return err
	}
	if err := d.enterAs(v, u); err != nil { // this session goes on, all others end
		return err
	}
	d.note(v, "staff.password.done")
	return v.goTo("")
}

// passwordErrors says everything that is wrong with a new password, so that nobody mends one thing only to hear of
// the next.
func (d *desk) passwordErrors(v *visit, email string) []fieldError {
	password := v.PostForm("password")
	wrong := d.accountErrors(v, staff.CheckPassword(password, email))
	if password != v.PostForm("repeat") {
		wrong = append(wrong, fieldError{"repeat", v.p.T("staff.password.differ")})
	}
	return wrong
}

func (d *desk) accountErrors(v *visit, err error) []fieldError {
	if e, ok := d.accountError(v, err); ok {
		return []fieldError{e}
	}
	return nil
}

// accountError turns what is wrong with an address or a password into a sentence at its field.
func (d *desk) accountError(v *visit, err error) (fieldError, bool) {
	for _, row := range []struct {
		err        error
		field, key string
	}{
		{staff.ErrShort, "password", "staff.password.short"},
		{staff.ErrLong, "password", "staff.password.long"},
		{staff.ErrIsEmail, "password", "staff.password.is_email"},
		{staff.ErrEmail, "email", "staff.email.bad"},
		{survey.ErrDuplicate, "email", "staff.email.taken"},
		{staff.ErrRole, "role", "staff.users.role.bad"},
		{survey.ErrBusy, "", "staff.signin.slow"},
	} {
		if errors.Is(err, row.err) {
			return fieldError{row.field, v.p.T(row.key)}, true
		}
	}
	return fieldError{}, false
}
