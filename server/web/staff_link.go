package web

import (
	"errors"
	"html/template"

	"opengate/server/office"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

type linksBody struct {
	Slug      string
	Own       bool // the links of one's own organisation, of all surveys
	MayWrite  bool
	MayManage bool
	Links     []linkRow
	Key       *keyShown
	Name      string // as typed
	Kinds     []codeChoice
	Modes     []codeChoice
	Owners    []ownerChoice
}

type linkRow struct {
	Code, Name, Owner, Survey, KindKey, ModeKey, Band string
	API, Revoked                                      bool
}

type keyShown struct{ Name, Key string }

type codeChoice struct {
	Code, Key, HintKey string
	Chosen             bool
}

type ownerChoice struct {
	ID, Email string
	Chosen    bool
}

// ownerChoices are the accounts that a link can be given to: those of field partners, and the one that has it already.
func ownerChoices(users []store.User, owner string) []ownerChoice {
	var out []ownerChoice
	for _, u := range users {
		if u.ID == owner || staff.Role(u.Role) == staff.Field && !u.Disabled {
			out = append(out, ownerChoice{ID: u.ID, Email: u.Email, Chosen: u.ID == owner})
		}
	}
	return out
}

// secretKey is the kind of secret that the page of links shows once.
const secretKey = "api key"

func (d *desk) linkRow(v *visit, l store.Link) (linkRow, error) {
	n, err := d.Store.LinkBand(v.ctx, l.Survey, l.Code)
	return linkRow{
		Code: l.Code, Name: l.Name, KindKey: "staff.kind." + l.Kind, ModeKey: "staff.mode." + string(l.Mode),
		Band: band(v.p, n), API: l.KeyHash != nil, Revoked: l.Revoked,
	}, err
}

func (d *desk) linksPage(v *visit) (*staffPage, *linksBody, error) {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return nil, nil, err
	}
	users, err := d.Staff.People.Users(v.ctx)
	if err != nil {
		return nil, nil, err
	}
	body := &linksBody{
		Slug: view.Survey.Slug, MayWrite: v.role().May(staff.WriteLinks), MayManage: v.role().May(staff.Manage),
		Owners: ownerChoices(users, v.PostForm("owner")),
	}
	emails := map[string]string{}
	for _, u := range users {
		emails[u.ID] = u.Email
	}
	for l, err := range d.Store.Links(v.ctx, body.Slug) {
		if err != nil {
			return nil, nil, err
		}
		row, err := d.linkRow(v, l)
		if err != nil {
			return nil, nil, err
		}
		row.Owner = emails[l.Owner]
		body.Links = append(body.Links, row)
	}
	body.choices(v)
	page := d.page(v, "staff.links", "/survey/"+body.Slug+"/links", body)
	title, _ := surveyTitle(v.p, view.Survey)
	page.Back = &backItem{title, v.base() + "/survey/" + body.Slug}
	return page, body, nil
}

// choices fills in the form for a new link, with what was chosen before an error.
func (b *linksBody) choices(v *visit) {
	kind, mode := v.PostForm("kind"), v.PostForm("mode")
	if mode == "" {
		mode = string(survey.ModeSelf)
	}
	for _, k := range office.LinkKinds {
		b.Kinds = append(b.Kinds, codeChoice{Code: k, Key: "staff.kind." + k, Chosen: k == kind})
	}
	for _, m := range office.LinkModes {
		key := "staff.mode." + string(m)
		b.Modes = append(b.Modes, codeChoice{Code: string(m), Key: key, HintKey: key + ".hint", Chosen: string(m) == mode})
	}
	b.Name = v.PostForm("name")
}

func (d *desk) showLinks(v *visit) error {
	page, body, err := d.linksPage(v)
	if err != nil {
		return err
	}
	if secret := d.takeOnce(v, secretKey); secret != nil {
		body.Key = &keyShown{Name: secret.Name, Key: secret.Value}
	}
	return d.show(v, "links", page)
}

func (d *desk) addLink(v *visit) error {
	request := office.LinkRequest{
		Slug: v.Param("slug"), Name: v.PostForm("name"), Kind: v.PostForm("kind"),
		Mode: survey.Mode(v.PostForm("mode")), API: v.PostForm("api") == "yes", Owner: v.PostForm("owner"), Actor: v.user.ID,
	}
	link, key, err := d.Staff.Office.AddLink(v.ctx, request)
	if errors.Is(err, office.ErrLink) {
		page, _, err := d.linksPage(v)
		if err != nil {
			return err
		}
		return d.show(v, "links", page, fieldError{"name", v.p.T("staff.links.bad")})
	}
	if err != nil {
		return err
	}
	if key != "" {
		if err := d.keepOnce(v, once{secretKey, link.Name, key}); err != nil {
			return err
		}
		return v.goTo("/survey/" + link.Survey + "/links")
	}
	d.note(v, "staff.links.added")
	return v.goTo("/links/" + link.Code)
}

type revokeBody struct{ Slug, Code, Name string }

// showRevoke asks before a link is revoked: printed posters stop working with it.
func (d *desk) showRevoke(v *visit) error {
	l, view, err := d.linkOf(v)
	if err != nil {
		return err
	}
	page := d.page(v, "staff.links.revoke.title", "/survey/"+l.Survey+"/links/"+l.Code+"/revoke", revokeBody{l.Survey, l.Code, l.Name})
	title, _ := surveyTitle(v.p, view.Survey)
	page.Back = &backItem{v.p.T("staff.links") + ": " + title, v.base() + "/survey/" + l.Survey + "/links"}
	return d.show(v, "revoke", page)
}

func (d *desk) revokeLink(v *visit) error {
	slug := v.Param("slug")
	if err := d.Staff.Office.RevokeLink(v.ctx, slug, v.Param("code"), v.user.ID); err != nil {
		return err
	}
	d.note(v, "staff.links.revoked.done")
	return v.goTo("/survey/" + slug + "/links")
}

func (d *desk) restoreLink(v *visit) error {
	slug := v.Param("slug")
	if err := d.Staff.Office.RestoreLink(v.ctx, slug, v.Param("code"), v.user.ID); err != nil {
		return err
	}
	d.note(v, "staff.links.restored")
	return v.goTo("/survey/" + slug + "/links")
}

// setOwner gives a link to a field account, or takes it back.
func (d *desk) setOwner(v *visit) error {
	code, owner := v.Param("code"), v.PostForm("owner")
	if err := d.Staff.Office.SetOwner(v.ctx, v.Param("slug"), code, owner, v.user.ID); err != nil {
		return err
	}
	key := "staff.links.owner.set"
	if owner == "" {
		key = "staff.links.owner.cleared"
	}
	d.note(v, key)
	return v.goTo("/links/" + code)
}

// showOwnLinks lists the links that belong to the visitor's account, over all surveys.
func (d *desk) showOwnLinks(v *visit) error {
	body := &linksBody{Own: true}
	for sv, err := range d.Store.Surveys(v.ctx) {
		if err != nil {
			return err
		}
		title, _ := surveyTitle(v.p, sv)
		for l, err := range d.Store.Links(v.ctx, sv.Slug) {
			if err != nil {
				return err
			}
			if l.Owner != v.user.ID {
				continue
			}
			row, err := d.linkRow(v, l)
			if err != nil {
				return err
			}
			row.Survey = title
			body.Links = append(body.Links, row)
		}
	}
	return d.show(v, "links", d.page(v, "staff.links.own", "/links", body))
}

type linkBody struct {
	Code, Slug, Survey, Path, Address, KindKey, ModeKey, Band, Warning string
	SurveyLang                                                         survey.Lang
	PurposeKey                                                         string // what the link is for, where it is not to be handed out
	Open                                                               string // address that everybody may know, then
	QR                                                                 template.HTML
	Posters                                                            []posterItem
	MayWrite, MayManage, Revoked                                       bool
	Owners                                                             []ownerChoice
}

// linkOf finds the link of a survey that the address names.
func (d *desk) linkOf(v *visit) (store.Link, *office.View, error) {
	l, view, err := d.link(v)
	if err == nil && l.Survey != v.Param("slug") {
		err = survey.ErrNotFound
	}
	return l, view, err
}

// link finds the link of the address. One that belongs to somebody else does not exist for a field account.
func (d *desk) link(v *visit) (store.Link, *office.View, error) {
	l, err := d.Store.Link(v.ctx, v.Param("code"))
	if err != nil {
		return l, nil, err
	}
	if !v.role().May(staff.ReadLinks) && l.Owner != v.user.ID {
		return l, nil, survey.ErrNotFound
	}
	view, err := d.Staff.Office.View(v.ctx, l.Survey)
	return l, view, err
}

func (d *desk) showLink(v *visit) error {
	l, view, err := d.link(v)
	if err != nil {
		return err
	}
	row, err := d.linkRow(v, l)
	if err != nil {
		return err
	}
	path := "/l/" + l.Code
	body := linkBody{
		Code: l.Code, Slug: l.Survey, Path: path, Address: d.Config.BaseURL + path, KindKey: row.KindKey, ModeKey: row.ModeKey,
		Band: row.Band, Warning: linkWarning(v.p, l, view.Survey), Revoked: l.Revoked,
		MayWrite: v.role().May(staff.WriteLinks), MayManage: v.role().May(staff.Manage),
		Posters: posters(view.Form, v.base()+"/links/"+l.Code),
	}
	body.Survey, body.SurveyLang = surveyTitle(v.p, view.Survey)
	if !forPosters(l) {
		body.PurposeKey = "staff.link.for." + string(l.Mode)
		body.Open = d.Config.BaseURL + "/s/" + l.Survey
	}
	if body.MayWrite {
		users, err := d.Staff.People.Users(v.ctx)
		if err != nil {
			return err
		}
		body.Owners = ownerChoices(users, l.Owner)
	}
	drawn, err := qrSVG(body.Address, v.p.T("staff.qr.alt", "address", body.Address))
	if err != nil {
		return err
	}
	body.QR = markup(drawn)
	page := d.page(v, "staff.link", "/links/"+l.Code, body)
	page.Title = l.Name
	page.Back = &backItem{v.p.T("staff.links.own"), v.base() + "/links"}
	if v.role().May(staff.ReadLinks) {
		page.Back = &backItem{v.p.T("staff.links"), v.base() + "/survey/" + l.Survey + "/links"}
	}
	return d.show(v, "link", page)
}
