package store

// Names of the collections.
const (
	colMeta      = "meta"
	colKeys      = "keys"
	colSurveys   = "surveys"
	colErasures  = "erasures"
	colVersions  = "versions"
	colChunks    = "chunks"
	colResponses = "responses"
	colDrafts    = "drafts"
	colResumes   = "resumes"
	colLinks     = "links"
	colUsers     = "users"
	colSessions  = "sessions"
	colReleases  = "releases"
	colAudit     = "audit"
)

// Collections is everything that a store keeps. Responses have no unique key beside _id, so that they can be spread
// over machines; a response and its tombstone are one document (see [Store.Withdraw]).
var Collections = []Collection{
	{Name: colMeta},
	{Name: colKeys, Keys: []string{"survey"}},
	{Name: colSurveys},
	{Name: colErasures, Keys: []string{"survey"}},
	{Name: colVersions, Keys: []string{"survey", "version"}, Indexes: []Index{{Fields: []string{"survey", "version"}}}},
	{Name: colChunks, Keys: []string{"survey", "blob", "n"}, Indexes: []Index{{Fields: []string{"blob", "n"}}, {Fields: []string{"survey"}}}},
	{
		Name: colResponses, Keys: []string{"survey", "kind", "wave", "era", "channel", "receipt"}, Sharded: true,
		Indexes: []Index{{Fields: []string{"survey", "kind"}}, {Fields: []string{"receipt"}}},
	},
	{Name: colDrafts, Keys: []string{"survey", "expires"}, Indexes: []Index{{Fields: []string{"expires"}}}},
	{Name: colResumes, Keys: []string{"expires"}, Indexes: []Index{{Fields: []string{"expires"}}}},
	{Name: colLinks, Keys: []string{"survey", "owner"}, Indexes: []Index{{Fields: []string{"survey"}}}},
	{Name: colUsers, Keys: []string{"email", "invite"}, Indexes: []Index{{Fields: []string{"email"}, Unique: true}}},
	{Name: colSessions, Keys: []string{"expires"}, Indexes: []Index{{Fields: []string{"expires"}}}},
	{Name: colReleases, Keys: []string{"survey", "number", "wave", "line"}, Indexes: []Index{{Fields: []string{"survey", "number"}}, {Fields: []string{"line"}, Unique: true}}},
	{Name: colAudit, Indexes: []Index{{Fields: []string{"_id"}}}},
}
