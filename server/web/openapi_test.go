package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// description is the part of OpenAPI 3 that our file uses.
type description struct {
	Paths      map[string]map[string]operation
	Components struct {
		Responses map[string]answerOf
		Schemas   map[string]*schema
	}
}

type operation struct {
	Responses map[string]answerOf
}

type answerOf struct {
	Ref     string `json:"$ref"`
	Headers map[string]any
	Content map[string]struct{ Schema *schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Nullable   bool
	Enum       []string
	Required   []string
	Properties map[string]*schema
	Items      *schema
	Additional json.RawMessage `json:"additionalProperties"`
	OneOf      []*schema       `json:"oneOf"`
}

func describe(t *testing.T) *description {
	t.Helper()
	var d description
	must(t, json.Unmarshal(openapi, &d))
	return &d
}

// holds fails unless the description allows this answer: its status, type and body.
func (d *description) holds(t *testing.T, method, path string, r *reply) {
	t.Helper()
	answer, ok := d.Paths[path][strings.ToLower(method)].Responses[fmt.Sprint(r.code)]
	if !ok {
		t.Errorf("%s %s: status %d is not described", method, path, r.code)
		return
	}
	if answer.Ref != "" {
		answer = d.Components.Responses[strings.TrimPrefix(answer.Ref, "#/components/responses/")]
	}
	for name := range answer.Headers {
		if r.header.Get(name) == "" {
			t.Errorf("%s %s: %d without header %s", method, path, r.code, name)
		}
	}
	content, ok := answer.Content["application/json"]
	if !ok || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
		t.Errorf("%s %s: %d is %q", method, path, r.code, r.header.Get("Content-Type"))
		return
	}
	var value any
	must(t, json.Unmarshal([]byte(r.body), &value))
	if err := d.fits(content.Schema, value, "body"); err != nil {
		t.Errorf("%s %s: %d: %v", method, path, r.code, err)
	}
}

// fits says where a value breaks a schema.
func (d *description) fits(s *schema, value any, at string) error {
	if s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	if s == nil {
		return fmt.Errorf("%s: no such schema", at)
	}
	if value == nil && s.Nullable {
		return nil
	}
	switch v := value.(type) {
	case map[string]any:
		return d.objectFits(s, v, at)
	case []any:
		for i, item := range v {
			if s.Type != "array" {
				return fmt.Errorf("%s is a list", at)
			}
			if err := d.fits(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	case string:
		if s.Type != "string" || len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			return fmt.Errorf("%s is the text %q", at, v)
		}
	case float64:
		if s.Type != "number" && (s.Type != "integer" || v != float64(int64(v))) {
			return fmt.Errorf("%s is the number %v", at, v)
		}
	case bool:
		if s.Type != "boolean" {
			return fmt.Errorf("%s is %v", at, v)
		}
	default:
		return fmt.Errorf("%s is %v", at, value)
	}
	return nil
}

func (d *description) objectFits(s *schema, v map[string]any, at string) error {
	if s.Type != "object" {
		return fmt.Errorf("%s is an object", at)
	}
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			return fmt.Errorf("%s lacks %s", at, name)
		}
	}
	for _, name := range sortedKeys(v) {
		property := s.Properties[name]
		if property == nil {
			if len(s.Additional) == 0 || string(s.Additional) == "false" {
				if string(s.Additional) == "false" {
					return fmt.Errorf("%s has %s, which is not described", at, name)
				}
				continue
			}
			property = &schema{}
			if err := json.Unmarshal(s.Additional, property); err != nil {
				return err
			}
		}
		if err := d.fits(property, v[name], at+"."+name); err != nil {
			return err
		}
	}
	return nil
}
