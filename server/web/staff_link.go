package web

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

type linksBody struct {
	Slug     string
	Own      bool // the links of one's own organisation, of all surveys
	MayWrite bool
	Links    []linkRow
	Key      *keyShown
	Name     string // as typed
	Kinds    []codeChoice
	Modes    []codeChoice
	Owners   []ownerChoice
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

// secretKey is the kind of secret that the page of links shows once.
const secretKey = "api key"

func (d *desk) linkRow(v *visit, l store.Link) (linkRow, error) {
	n, err := d.Store.LinkBand(v.ctx, l.Survey, l.Code)
	return linkRow{Code: l.Code, Name: l.Name, KindKey: "staff.kind." + l.Kind, ModeKey: "staff.mode." + string(l.Mode),
		Band: band(v.p, n), API: l.KeyHash != nil, Revoked: l.Revoked}, err
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
	body := &linksBody{Slug: view.Survey.Slug, MayWrite: v.role().May(staff.WriteLinks)}
	emails := map[string]string{}
	for _, u := range users {
		emails[u.ID] = u.Email
		if staff.Role(u.Role) == staff.Field && !u.Disabled {
			body.Owners = append(body.Owners, ownerChoice{ID: u.ID, Email: u.Email, Chosen: v.PostForm("owner") == u.ID})
		}
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
	request := office.LinkRequest{Slug: v.Param("slug"), Name: v.PostForm("name"), Kind: v.PostForm("kind"),
		Mode: survey.Mode(v.PostForm("mode")), API: v.PostForm("api") == "yes", Owner: v.PostForm("owner"), Actor: v.user.ID}
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

func (d *desk) revokeLink(v *visit) error {
	slug := v.Param("slug")
	if err := d.Staff.Office.RevokeLink(v.ctx, slug, v.Param("code"), v.user.ID); err != nil {
		return err
	}
	d.note(v, "staff.links.revoked.done")
	return v.goTo("/survey/" + slug + "/links")
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
	Code, Survey, Path, Address, KindKey, ModeKey, Band, Warning string
	SurveyLang                                                   survey.Lang
	QR                                                           template.HTML
	Posters                                                      []posterItem
}

type posterItem struct {
	Tag        survey.Lang
	Name, Href string
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
	body := linkBody{Code: l.Code, Path: path, Address: d.Config.BaseURL + path, KindKey: row.KindKey, ModeKey: row.ModeKey, Band: row.Band}
	body.Survey, body.SurveyLang = surveyTitle(v.p, view.Survey)
	body.Warning = linkWarning(v.p, l, view.Survey)
	drawn, err := qrSVG(body.Address, v.p.T("staff.qr.alt", "address", body.Address))
	if err != nil {
		return err
	}
	body.QR = markup(drawn)
	for _, t := range view.Form.Tags() {
		body.Posters = append(body.Posters, posterItem{t, locale.OwnName(t), v.base() + "/links/" + l.Code + "/poster/" + string(t)})
	}
	page := d.page(v, "staff.link", "/links/"+l.Code, body)
	page.Title = l.Name
	page.Back = &backItem{v.p.T("staff.links.own"), v.base() + "/links"}
	if v.role().May(staff.ReadLinks) {
		page.Back = &backItem{v.p.T("staff.links"), v.base() + "/survey/" + l.Survey + "/links"}
	}
	return d.show(v, "link", page)
}

// linkWarning says why a link should not be handed out now, "" when it may.
func linkWarning(p *locale.Printer, l store.Link, sv store.Survey) string {
	switch {
	case l.Revoked:
		return p.T("staff.link.revoked")
	case sv.Status.Tests():
		return p.T("staff.link.test")
	case !sv.Status.Accepts():
		return p.T("staff.link.closed")
	}
	return ""
}

func (d *desk) qrAsSVG(v *visit) error {
	l, _, err := d.link(v)
	if err != nil {
		return err
	}
	address := d.Config.BaseURL + "/l/" + l.Code
	drawn, err := qrSVG(address, address)
	if err != nil {
		return err
	}
	v.attach("image/svg+xml", "opengate-"+l.Code+".svg", []byte(drawn))
	return nil
}

// qrPixels is the least width of the PNG: 8 cm at 300 dots per inch.
const qrPixels = 945

func (d *desk) qrAsPNG(v *visit) error {
	l, _, err := d.link(v)
	if err != nil {
		return err
	}
	drawn, err := qrPNG(d.Config.BaseURL+"/l/"+l.Code, qrPixels)
	if err != nil {
		return err
	}
	v.attach("image/png", "opengate-"+l.Code+".png", drawn)
	return nil
}

// posterPage is a sheet to be printed. The invitation is in the poster's language; where the interface lacks that
// language it carries its own.
type posterPage struct {
	Lang                survey.Lang // of the tools above the sheet
	Tag                 survey.Lang
	Dir, Back, Banner   string
	Title               string
	TitleLang           survey.Lang
	Invitation, Promise string
	InviteLang          survey.Lang
	InviteDir           string
	QR                  template.HTML
	Short, Controller   string
}

func (d *desk) showPoster(v *visit) error {
	l, view, err := d.link(v)
	if err != nil {
		return err
	}
	tag := survey.Lang(v.Param("in"))
	if !view.Form.Has(tag) {
		return survey.ErrNotFound
	}
	p := d.Catalog.Printer(tag)
	page := posterPage{Lang: v.p.Lang(), Tag: tag, Dir: locale.Dir(tag), Back: v.base() + "/links/" + l.Code,
		Banner: linkWarning(v.p, l, view.Survey), Invitation: p.T("poster.invitation"), Promise: p.T("poster.promise"),
		Controller: view.Form.Plan.Settings.Controller}
	if d.Config.Demo && page.Banner == "" {
		page.Banner = v.p.T("staff.demo")
	}
	if base, _, _ := strings.Cut(string(tag), "-"); p.Lang() != survey.Lang(base) {
		page.InviteLang, page.InviteDir = p.Lang(), p.Dir()
	}
	var titleLang survey.Lang
	if page.Title, titleLang = view.Form.Title.In(tag, view.Form.Default); titleLang != tag {
		page.TitleLang = titleLang
	}
	address := d.Config.BaseURL + "/l/" + l.Code
	_, short, _ := strings.Cut(address, "://")
	page.Short = short
	drawn, err := qrSVG(d.Config.BaseURL+"/"+string(tag)+"/l/"+l.Code, address)
	if err != nil {
		return err
	}
	page.QR = markup(drawn)
	return d.render(v.Context, http.StatusOK, v.p.Lang(), "staff_poster", page)
}
