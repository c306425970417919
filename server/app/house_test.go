package app_test

import (
	"os/exec"
	"strings"
	"testing"
)

// forbidden says which room must not know what, and why. "…" covers the packages below.
var forbidden = []struct{ room, dependency, why string }{
	{"opengate/survey/...", "opengate/server", "the domain knows no service"},
	{"opengate/survey/...", "opengate/export", "the domain knows no file"},
	{"opengate/survey", "net/http", "the domain knows no HTTP"},
	{"opengate/survey/diagnosis", "net/http", "the domain knows no HTTP"},
	{"opengate/survey/...", "database/sql", "the domain knows no database"},
	{"opengate/survey/...", "go.mongodb.org", "the domain knows no database"},
	{"opengate/survey/...", "github.com/gin-gonic", "the domain knows no HTTP"},
	{"opengate/survey", "github.com/xuri/excelize", "only the importer reads workbooks"},
	{"opengate/survey/expr", "opengate/survey", "the language knows no forms"},
	{"opengate/survey/diagnosis", "github.com/xuri/excelize", "figures know no workbook"},
	{"opengate/export", "opengate/server", "the exporter knows the domain only"},
	{"opengate/export", "go.mongodb.org", "the exporter knows no database"},
	{"opengate/server/web", "go.mongodb.org/mongo-driver/v2/mongo", "pages and engines meet in app only"},
	{"opengate/server/web", "modernc.org/sqlite", "pages and engines meet in app only"},
	{"opengate/server/store", "modernc.org/sqlite", "the store knows the Engine contract only"},
	{"opengate/server/store", "go.mongodb.org/mongo-driver/v2/mongo", "the store knows the Engine contract only"},
	{"opengate/server/intake", "github.com/gin-gonic", "intake knows no HTTP"},
	{"opengate/server/release", "github.com/gin-gonic", "releases know no HTTP"},
}

func TestRoomsKnowOnlyWhatTheyMay(t *testing.T) {
	for _, rule := range forbidden {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", rule.room).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", rule.room, err) // a room that has ceased to exist breaks the rule too
		}
		self := strings.TrimSuffix(rule.room, "/...")
		for dep := range strings.Lines(string(out)) {
			dep = strings.TrimSpace(dep)
			if dep != self && (dep == rule.dependency || strings.HasPrefix(dep, rule.dependency+"/")) {
				t.Errorf("%s depends on %s: %s", rule.room, dep, rule.why)
			}
		}
	}
}
