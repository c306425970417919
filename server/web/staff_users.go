package web

import (
	"slices"
	"strings"

	"opengate/server/staff"
	"opengate/server/store"
)

type usersBody struct {
	Users  []userRow
	Roles  []roleChoice
	Email  string // as typed
	Invite *inviteShown
}

type userRow struct {
	ID, Email, RoleKey, State, StateKey string
	Me                                  bool
}

type roleChoice struct {
	Role         staff.Role
	Key, HintKey string
	Chosen       bool
}

type inviteShown struct {
	Email, Address string
	Days           int
}

// secretInvite is the kind of secret that the accounts page shows once.
const secretInvite = "invite"

func (d *desk) usersPage(v *visit, email, role string) (*staffPage, error) {
	users, err := d.Staff.People.Users(v.ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(users, func(a, b store.User) int { return strings.Compare(a.Email, b.Email) })
	body := &usersBody{Email: email}
	for _, u := range users {
		row := userRow{ID: u.ID, Email: u.Email, RoleKey: "staff.role." + u.Role, State: userState(u), Me: u.ID == v.user.ID}
		row.StateKey = "staff.users.state." + row.State
		body.Users = append(body.Users, row)
	}
	for _, r := range staff.Roles {
		key := "staff.role." + string(r)
		body.Roles = append(body.Roles, roleChoice{Role: r, Key: key, HintKey: key + ".hint", Chosen: string(r) == role})
	}
	return d.page(v, "staff.users.title", "/users", body), nil
}

// userState is disabled, invited (no password yet) or active.
func userState(u store.User) string {
	switch {
	case u.Disabled:
		return "disabled"
	case u.Password == "":
		return "invited"
	}
	return "active"
}

func (d *desk) showUsers(v *visit) error {
	page, err := d.usersPage(v, "", "")
	if err != nil {
		return err
	}
	if secret := d.takeOnce(v, secretInvite); secret != nil {
		page.Body.(*usersBody).Invite = &inviteShown{
			Email: secret.Name, Days: staff.InviteDays,
			Address: d.Config.BaseURL + InvitePath(secret.Value),
		}
	}
	return d.show(v, "users", page)
}

func (d *desk) addUser(v *visit) error {
	email, role := v.PostForm("email"), v.PostForm("role")
	u, token, err := d.Staff.Office.AddUser(v.ctx, email, staff.Role(role), v.user.ID)
	if e, ok := d.accountError(v, err); ok {
		page, err := d.usersPage(v, email, role)
		if err != nil {
			return err
		}
		return d.show(v, "users", page, e)
	}
	return d.showInvitation(v, u, token, err)
}

func (d *desk) reinviteUser(v *visit) error {
	u, token, err := d.Staff.People.Reinvite(v.ctx, v.Param("id"), v.user.ID)
	return d.showInvitation(v, u, token, err)
}

func (d *desk) showInvitation(v *visit, u store.User, token string, err error) error {
	if err != nil {
		return err
	}
	if err := d.keepOnce(v, once{secretInvite, u.Email, token}); err != nil {
		return err
	}
	return v.goTo("/users")
}

func (d *desk) disableUser(v *visit) error { return d.setDisabled(v, true, "staff.users.disabled") }

func (d *desk) enableUser(v *visit) error { return d.setDisabled(v, false, "staff.users.enabled") }

func (d *desk) setDisabled(v *visit, disabled bool, notice string) error {
	if err := d.Staff.People.Disable(v.ctx, v.Param("id"), disabled, v.user.ID); err != nil {
		return err
	}
	d.note(v, notice)
	return v.goTo("/users")
}

// auditShown is how many entries of the audit trail a page shows.
const auditShown = 200

type auditBody struct{ Rows []auditRow }

type auditRow struct{ Day, Actor, Action, Object string }

// showAudit lists what staff did, newest first, with addresses in place of account ids.
func (d *desk) showAudit(v *visit) error {
	users, err := d.Staff.People.Users(v.ctx)
	if err != nil {
		return err
	}
	name := func(id string) string {
		if i := slices.IndexFunc(users, func(u store.User) bool { return u.ID == id && u.Email != "" }); i >= 0 {
			return users[i].Email
		}
		return id
	}
	entries, err := d.Store.Audits(v.ctx, auditShown)
	if err != nil {
		return err
	}
	body := auditBody{}
	for _, a := range entries {
		row := auditRow{Day: a.Day, Actor: name(a.Actor), Action: v.p.T("staff.did." + a.Action), Object: a.Object}
		if strings.HasPrefix(a.Action, "account.") {
			row.Object = name(a.Object)
		}
		body.Rows = append(body.Rows, row)
	}
	return d.show(v, "audit", d.page(v, "staff.audit.title", "/audit", body))
}
