package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-playground/validator/v10"

	"opengate/server/intake"
	"opengate/survey"
)

var errMediaType = errors.New("unsupported media type")

// responseRequest is a whole response from a program.
type responseRequest struct {
	ID       string                     `json:"id" validate:"required,response_id"`
	Version  int                        `json:"version" validate:"required,min=1"`
	Language string                     `json:"language" validate:"required,language_tag"`
	Consent  string                     `json:"consent" validate:"required,max=200"`
	Answers  map[string]json.RawMessage `json:"answers" validate:"required,max=5000"`
}

// wanted says for each rule what was expected.
var wanted = map[string]wantedText{
	"response_id": "api.want.id", "language_tag": "api.want.language", "min": "api.want.least", "max": "api.want.most",
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return strings.Split(f.Tag.Get("json"), ",")[0] })
	mustRegister(v, "response_id", intake.ValidID)
	mustRegister(v, "language_tag", languageTag.MatchString)
	return v
}

func mustRegister(v *validator.Validate, name string, ok func(string) bool) {
	if err := v.RegisterValidation(name, func(fl validator.FieldLevel) bool { return ok(fl.Field().String()) }); err != nil {
		panic(err) // a rule's name is wrong in this file
	}
}

// acceptResponse stores a whole response: 201 when it is new, 200 when an equal one is there.
func (s *Server) acceptResponse(c *gin.Context) error {
	link, err := s.keyLink(c)
	if err != nil {
		return errors.Join(tooFast(c, s.rates.wait(c.ClientIP(), forPeople)), err)
	}
	if err := tooFast(c, s.rates.waitKey(link.Code)); err != nil {
		return err
	}
	req, err := decodeResponse(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	door, err := s.Intake.Door(ctx, c.Param("slug"), link.Code)
	if door.Form != nil && req.Version != door.Form.Version {
		door, err = s.Intake.DraftDoor(ctx, &intake.Draft{Slug: c.Param("slug"), Link: link.Code, Version: req.Version, Test: door.Test})
		if errors.Is(err, survey.ErrNotFound) {
			return errVersion
		}
	}
	closed := errors.Is(err, survey.ErrClosed) && door.Form != nil
	if err != nil && !closed {
		return err
	}
	r, invalid := response(door.Form, req)
	switch {
	case invalid != nil && closed:
		return err
	case invalid != nil:
		return &answersError{door.Form, invalid}
	}
	receipt, created, err := s.Intake.Accept(ctx, door, r) // also when closed: a repeat may have crossed the closing
	if err != nil {
		return &answersError{door.Form, err}
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	s.sendJSON(c, status, map[string]string{"receipt": receipt})
	return nil
}

// answersError is an error about answers to a form, whose author may have said in the form what is wrong.
type answersError struct {
	form *survey.Form
	error
}

// Unwrap gives the error itself.
func (e *answersError) Unwrap() error { return e.error }

// malformedError says where a body stops being JSON that we understand; line and column count from 1.
type malformedError struct {
	line, column int
	detail       string
}

// Error is for operators; it holds no answer.
func (e *malformedError) Error() string {
	return fmt.Sprintf("malformed JSON at line %d, column %d", e.line, e.column)
}

// decodeResponse reads the body strictly: unknown fields, names given twice and anything after the object are errors.
func decodeResponse(c *gin.Context) (*responseRequest, error) {
	if mt, _, _ := strings.Cut(c.ContentType(), ";"); mt != "application/json" {
		return nil, errMediaType
	}
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadInput, err)
	}
	var req responseRequest
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return nil, malformed(body, dec.InputOffset(), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed(body, dec.InputOffset(), errors.New("more after the end of the object"))
	}
	if at, name := repeatedName(body); name != "" {
		return nil, malformed(body, at, fmt.Errorf("name %q given twice", name))
	}
	c.Set(sentLanguage, req.Language)
	return &req, checkFields(&req)
}

// malformed finds line and column of a decoding error.
func malformed(body []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	detail := strings.TrimPrefix(err.Error(), "json: ")
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &wrongType):
		offset = wrongType.Offset
		detail = fmt.Sprintf("%s is a %s, not a %s", wrongType.Field, wrongType.Value, wrongType.Type)
	case errors.Is(err, io.ErrUnexpectedEOF): // the decoder does not say where
		offset, detail = int64(len(body)), "the end comes too early"
	}
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:])))
	return &malformedError{line, max(column, 1), detail}
}

// repeatedName finds a name that an object of the body holds twice; the decoder would silently drop one of the two.
func repeatedName(body []byte) (at int64, name string) {
	dec := json.NewDecoder(bytes.NewReader(body))
	type level struct {
		names map[string]bool // nil in a list
		value bool            // a value comes next
	}
	var open []level
	for {
		token, err := dec.Token()
		if err != nil {
			return 0, ""
		}
		if n := len(open); n > 0 && open[n-1].names != nil && !open[n-1].value {
			if key, ok := token.(string); ok {
				if open[n-1].names[key] {
					return dec.InputOffset(), key
				}
				open[n-1].names[key], open[n-1].value = true, true
				continue
			}
		} else if n > 0 {
			open[n-1].value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
	}
}

// checkFields turns the validator's errors into problems of our own table.
func checkFields(req *responseRequest) error {
	err := validate.Struct(req)
	var fields validator.ValidationErrors
	if !errors.As(err, &fields) {
		return err
	}
	var problems []survey.Problem
	for _, f := range fields {
		p := survey.Problem{Code: "malformed_field", Params: map[string]any{"field": f.Field(), "want": wanted[f.Tag()]}}
		if f.Tag() == "required" {
			p = survey.Problem{Code: "missing_field", Params: map[string]any{"field": f.Field()}}
		}
		problems = append(problems, p)
	}
	return &survey.InvalidError{Problems: problems}
}

// response turns a request into a response of the form, or says everything that is wrong with it.
func response(f *survey.Form, req *responseRequest) (survey.Response, error) {
	r := survey.Response{
		ID: req.ID, Version: req.Version, Language: survey.Lang(strings.ToLower(req.Language)),
		Consent: req.Consent, Answers: survey.Answers{},
	}
	var problems []survey.Problem
	if !f.Has(r.Language) {
		problems = append(problems, fieldProblem("language", tags(f)))
	}
	if v := f.Plan.Settings.ConsentVersion; v != "" && v != req.Consent {
		problems = append(problems, survey.Problem{Code: survey.NotConsented, Params: map[string]any{"field": "consent"}})
	}
	for _, id := range sortedKeys(req.Answers) {
		val, problem := answerFromJSON(f.Question(id), id, req.Answers[id])
		if problem != nil {
			problems = append(problems, *problem)
		}
		r.Answers[id] = val
	}
	for _, q := range survey.Shown(f.Body) {
		if val := r.Answers[q.ID]; q.Analysis.Role == survey.RoleConsent && val.Given() && !agrees(q, val) {
			problems = append(problems, survey.Problem{Question: q.ID, Code: survey.NotConsented})
		}
	}
	if len(problems) > 0 {
		return r, &survey.InvalidError{Problems: problems}
	}
	return r, nil
}

func fieldProblem(field, want string) survey.Problem {
	return survey.Problem{Code: "malformed_field", Params: map[string]any{"field": field, "want": want}}
}

func tags(f *survey.Form) string {
	var out []string
	for _, l := range f.Tags() {
		out = append(out, string(l))
	}
	return strings.Join(out, ", ")
}

// answerFromJSON reads one answer: a text, a number for a number, true for an acknowledgement, a list of codes for a
// select_multiple, null for a blank.
func answerFromJSON(q *survey.Question, id string, raw json.RawMessage) (survey.Value, *survey.Problem) {
	if q == nil || !q.Asks() {
		return survey.Value{}, &survey.Problem{Question: id, Code: survey.UnknownQuestion}
	}
	var text string
	var number json.Number
	var list []string
	var yes bool
	want := "string"
	switch {
	case string(raw) == "null":
		return survey.Value{State: survey.Skipped}, nil
	case json.Unmarshal(raw, &text) == nil:
		return survey.ParseAnswer(q, []string{text})
	case q.Kind == survey.KindSelectMultiple || q.Kind == survey.KindRank:
		if want = "[string]"; json.Unmarshal(raw, &list) == nil {
			return survey.ParseAnswer(q, list)
		}
	case q.Kind == survey.KindInteger || q.Kind == survey.KindDecimal || q.Kind == survey.KindRange:
		if want = "number"; json.Unmarshal(raw, &number) == nil {
			return survey.ParseAnswer(q, []string{number.String()})
		}
	case q.Kind == survey.KindAcknowledge:
		if want = "true"; json.Unmarshal(raw, &yes) == nil && yes {
			return survey.ParseAnswer(q, []string{"OK"})
		}
	}
	return survey.Value{}, &survey.Problem{Question: id, Code: survey.WrongType, Params: map[string]any{"want": want}}
}
