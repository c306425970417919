package survey

// Mode is how the answers were given.
type Mode string

// The modes. API answers are a mode of their own.
const (
	ModeSelf     Mode = "self"
	ModeAssisted Mode = "assisted"
	ModePaper    Mode = "paper"
	ModeKiosk    Mode = "kiosk"
	ModeImported Mode = "imported"
	ModeAPI      Mode = "api"
)

// Response is one person's answers. It holds no address, user agent, clock time or order of arrival.
type Response struct {
	ID       string // 128 random bits in 26 characters of base32, minted by the server before the first page
	Survey   string // slug
	Wave     string
	Version  int // form version
	Language Lang
	Channel  string // code of the link, "" for the open address
	Mode     Mode
	Day      string // YYYY-MM-DD in the survey's time zone
	Era      int    // number of releases made before it came
	Consent  string // version of the consent text agreed to
	Complete bool   // false: "send what I have so far"
	Fallback int    // how many texts were shown in another language than Language
	Test     bool   // given in draft or test; dropped at opening
	Answers  Answers
}

// Status is a survey's place in its life. It moves draft → test → open → closed → archived; closed may open again.
type Status string

// The statuses of a survey.
const (
	StatusDraft    Status = "draft"
	StatusTest     Status = "test"
	StatusOpen     Status = "open"
	StatusClosed   Status = "closed"
	StatusArchived Status = "archived"
)

var nextStatus = map[Status][]Status{
	StatusDraft:  {StatusTest, StatusOpen},
	StatusTest:   {StatusOpen},
	StatusOpen:   {StatusClosed},
	StatusClosed: {StatusOpen, StatusArchived},
}

// CanBecome says whether a survey may move from s to next.
func (s Status) CanBecome(next Status) bool {
	for _, n := range nextStatus[s] {
		if n == next {
			return true
		}
	}
	return false
}

// Accepts says whether residents can answer: for real when open, as a marked test in draft and test.
func (s Status) Accepts() bool { return s == StatusOpen || s.Tests() }

// Tests says whether answers are tests, kept apart and dropped at opening.
func (s Status) Tests() bool { return s == StatusDraft || s == StatusTest }
