package survey

import "opengate/survey/expr"

// Role is what a question means to the diagnosis (og_role).
type Role string

// The roles of og_role.
const (
	RoleConsent       Role = "consent"
	RoleScreen        Role = "screen"
	RoleGroup         Role = "group"
	RoleNeed          Role = "need"
	RoleSeverity      Role = "severity"
	RoleNeeded        Role = "needed"
	RoleUnmet         Role = "unmet"
	RoleBarrier       Role = "barrier"
	RoleExperience    Role = "experience"
	RoleGround        Role = "ground"
	RoleReported      Role = "reported"
	RoleReportReason  Role = "report_reason"
	RoleAwareness     Role = "awareness"
	RoleTrust         Role = "trust"
	RoleParticipation Role = "participation"
	RolePriority      Role = "priority"
	RoleWeight        Role = "weight"
	RoleOpen          Role = "open"
	RoleMeta          Role = "meta"
	RoleItem          Role = "item"
	RoleNone          Role = "none"
)

// Analysis is what the og_ columns say of one question, defaults filled in.
type Analysis struct {
	Role      Role
	Area      string  // area code, "by_choice", or ""
	Of        string  // question ID that this one follows
	NeedAt    float64 // score at and above which there is need (3)
	SevereAt  float64 // score at and above which need is severe (4)
	Positive  Positive
	Higher    Direction
	Recall    string // "now", "12m", "5y"
	BaseAsked bool   // og_base = asked: non-answers count as 0
	Special   bool   // special category of personal data (GDPR Art. 9)
	Rank      string // og_rank: name of the ranking
	Position  int    // og_rank: place in it, from 1; 0 = not part of one
}

// Direction says which end of a numeric scale is worse.
type Direction string

// The directions of og_direction.
const (
	HigherIsWorse  Direction = "higher_is_worse"
	HigherIsBetter Direction = "higher_is_better"
)

// Positive says what counts as yes: any of Codes, or a number at or above Min, or at or below Max.
// The zero value means the default of plan.md: every choice that scores, or "yes".
type Positive struct {
	Codes []string
	Min   *float64
	Max   *float64
}

// Plan is the part of the workbook that says what is computed, and who answers for the survey.
type Plan struct {
	Areas      []Area // in order; the fifteen areas of the domain where the workbook has none
	Dimensions []Dimension
	Margins    []Margin
	Evidence   []Evidence
	Settings   Settings
	Declared   bool // the workbook has at least one og_ column or sheet
}

// Area is a rights area.
type Area struct {
	Code      string
	Label     Text
	Reference string
}

// DimensionKind is how a group dimension is made.
type DimensionKind string

// The kinds of og_dimensions.
const (
	DimensionSingle  DimensionKind = "single"
	DimensionMulti   DimensionKind = "multi"
	DimensionDerived DimensionKind = "derived"
	DimensionCross   DimensionKind = "cross"
)

// Dimension is a declared way to divide people into groups. The groups of a multi dimension overlap.
type Dimension struct {
	Code       string
	Kind       DimensionKind
	Label      Text
	Question   string // question ID, for single and multi
	Categories []Category
	Of         [2]string // for cross: two dimension codes
	Special    bool
}

// Category is one group of a dimension. For single and multi dimensions its code is the choice code after roll-up.
type Category struct {
	Code  string
	Label Text
	When  *expr.Expr // for derived dimensions
}

// Margin is a population share for raking.
type Margin struct {
	Dimension, Category string
	Share               float64 // 0–1; 0 when Count is given
	Count               float64
	Source, Date        string
}

// Evidence is a fact that stands beside the survey's figures.
type Evidence struct {
	Area, Kind   string
	Statement    Text
	Source, Date string
}

// Settings are the keys of og_settings.
type Settings struct {
	Timezone        string // IANA name
	Controller      string
	Contact         string
	DPO             string
	Purpose         Text
	ConsentVersion  string
	MinAge          int
	RetentionDays   int
	Support         Text
	ExpectedAnswers int
	Wave            string
	MadeUp          bool
	TeamMicrodata   bool
}
