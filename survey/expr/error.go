package expr

// SyntaxError says where an expression cannot be read and what to write instead.
type SyntaxError struct {
	Pos     int    // byte offset into the source
	Code    string // lasting, one of the Code constants
	Message string // English, lower case, no full stop
	Remedy  string // what the author should write or do; "" when the message says it all
}

// The codes of SyntaxError.
const (
	CodeEmpty       = "empty"
	CodeTooLong     = "too_long"
	CodeTooDeep     = "too_deep"
	CodeUnexpected  = "unexpected"           // a sign or word where it cannot stand
	CodeUnclosed    = "unclosed"             // a text, reference, parenthesis or bracket without its end
	CodeNumber      = "bad_number"           // 1e3, 5abc
	CodeReference   = "bad_reference"        // ${} around something that is no name
	CodeLastSaved   = "last_saved"           // ${last-saved#x}
	CodeFunction    = "unknown_function"     // no dialect that we know has it
	CodeUnsupported = "unsupported_function" // another tool's, or one that we do not run
	CodeArity       = "arity"                // too many or too few arguments
	CodeArgument    = "bad_argument"         // an argument that this function cannot take
	CodePath        = "unsupported_path"     // an axis or path outside the XLSForm subset
	CodeRegex       = "bad_regex"
)

// Error joins message and remedy for operators.
func (e *SyntaxError) Error() string {
	if e.Remedy == "" {
		return e.Message
	}
	return e.Message + "; " + e.Remedy
}
