// Package store keeps surveys, forms, responses, drafts, links, people and releases over one [Engine]. It knows no
// HTTP and no form semantics. Entry points: [Open] and the methods of [Store].
package store

import "opengate/survey"

// Survey is what the service knows of one survey.
type Survey struct {
	Slug    string
	UID     string // made by AddSurvey; tells it from another survey of the same name, erased before
	Title   survey.Text
	Status  survey.Status
	Version int    // current form version
	Wave    string // name of the wave new responses belong to
	Era     int    // releases begun so far; new responses carry it
	By      []string
	Lenient bool
	MadeUp  bool
	Machine bool   // an administrator allowed opening with unreviewed translations
	Opened  string // day
	Closed  string // day
	Rev     int64
}

// FormVersion is one published version: the workbook as uploaded, and its attachments.
type FormVersion struct {
	Slug     string
	Version  int
	Hash     string
	Workbook []byte
	Media    map[string][]byte
	Lenient  bool
	By       []string
	Day      string
}

// Link is an address that is handed out: it names its channel, kind and mode on the server's side.
type Link struct {
	Code    string // short, random, in the address /l/{code}
	Survey  string
	Name    string
	Kind    string // ngo, library, museum, school, office, other
	Mode    survey.Mode
	KeyHash []byte // SHA-256 of the API key, nil without one
	Owner   string // user ID of the field account it belongs to, or ""
	Revoked bool
	Rev     int64
}

// Draft is an unfinished response. Sealed is encrypted under the resident's token: who has the database cannot read it.
type Draft struct {
	ID      string // hash of the token
	Survey  string
	Sealed  []byte
	Expires int64 // Unix day
	Rev     int64
}

// Resume leads from a resume code to a draft's token, which is wrapped by a key derived from the code.
type Resume struct {
	ID      string // Argon2id of the code, first half
	Wrapped []byte
	Expires int64 // Unix day
}

// Tombstone remembers that a response was withdrawn, so that no backup and no repeat brings it back.
type Tombstone struct {
	ID     string // response ID
	Survey string
	Day    string
}

// User is a member of staff.
type User struct {
	ID       string
	Email    string
	Role     string // admin, designer, field, analyst
	Password string // argon2id PHC string, "" before the invitation was used
	Invite   []byte // SHA-256 of the one-time link's token, nil when used
	Disabled bool
	Rev      int64
}

// Release is a stored release: the cube for everybody, the sealed row sizes for the next release alone, and the
// report for staff.
type Release struct {
	Survey string
	Number int
	Wave   string
	After  int // number of the release of the same wave that it was carried forward from, 0 for the first
	Day    string
	Cube   []byte
	Sealed []byte
	Report []byte
}

// Audit is one thing that a member of staff did. It never holds an answer.
type Audit struct {
	Day    string
	Actor  string // user ID or "command line"
	Action string // constant
	Object string
}
