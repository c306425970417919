package staff

import "slices"

// Role is what an account is for.
type Role string

// The roles, from most to least.
const (
	Administrator Role = "admin"    // everything, accounts and audit included
	Designer      Role = "designer" // writes, tries, opens and closes surveys and hands out links
	Analyst       Role = "analyst"  // makes releases and downloads what they publish
	Field         Role = "field"    // an NGO, library or school: its own links and nothing else
)

// Roles lists the roles in the order in which pages offer them.
var Roles = []Role{Administrator, Designer, Analyst, Field}

// Action is something that pages and commands let people do.
type Action string

// The actions. Each staff page and button belongs to exactly one.
const (
	Account       Action = "account"        // one's own password and sign-out
	ReadSurveys   Action = "surveys.read"   // list, status, versions, languages, preview
	WriteSurveys  Action = "surveys.write"  // publish a version, try, open, close, archive
	AllowMachine  Action = "surveys.allow"  // open with translations that nobody reviewed
	EraseSurveys  Action = "surveys.erase"  // erase a survey with everything
	ReadOwnLinks  Action = "links.own"      // own links with their posters and bands
	ReadLinks     Action = "links.read"     // everybody's links
	WriteLinks    Action = "links.write"    // add, give away, revoke, restore
	ReadReleases  Action = "releases.read"  // reports and downloads
	WriteReleases Action = "releases.write" // make the next release
	Manage        Action = "accounts"       // accounts and audit
)

// permissions is the one table of who may do what.
var permissions = map[Action][]Role{
	Account:       {Administrator, Designer, Analyst, Field},
	ReadSurveys:   {Administrator, Designer, Analyst},
	WriteSurveys:  {Administrator, Designer},
	AllowMachine:  {Administrator},
	EraseSurveys:  {Administrator},
	ReadOwnLinks:  {Administrator, Designer, Analyst, Field},
	ReadLinks:     {Administrator, Designer, Analyst},
	WriteLinks:    {Administrator, Designer},
	ReadReleases:  {Administrator, Designer, Analyst},
	WriteReleases: {Administrator, Analyst},
	Manage:        {Administrator},
}

// May says whether the role allows the action. Unknown roles and actions are refused.
func (r Role) May(a Action) bool { return slices.Contains(permissions[a], r) }

// Valid says whether the role exists.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }
