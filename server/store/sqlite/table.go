package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
)

// table is a collection as SQLite sees it: o is store.Spread of the id and the row's place, doc the BSON document, the
// other columns copies of its keys.
type table struct {
	store.Collection
	insert, get, replace, place, exists string
}

func newTable(c store.Collection) *table {
	t := &table{Collection: c}
	var names, marks, sets []string
	for _, k := range append([]string{"id", "rev"}, append(slices.Clone(c.Keys), "doc")...) {
		names, marks, sets = append(names, quote(k)), append(marks, "?"), append(sets, quote(k)+"=?")
	}
	t.insert = fmt.Sprintf("INSERT INTO %s (o,%s) VALUES (?,%s) ON CONFLICT DO NOTHING", quote(c.Name), strings.Join(names, ","), strings.Join(marks, ","))
	t.replace = fmt.Sprintf("UPDATE %s SET %s WHERE o=? AND id=? AND rev=?", quote(c.Name), strings.Join(sets, ","))
	t.get = fmt.Sprintf("SELECT doc FROM %s WHERE o=? AND id=?", quote(c.Name))
	t.exists = fmt.Sprintf("SELECT count(*) FROM %s WHERE o=? AND id=?", quote(c.Name))
	t.place = fmt.Sprintf("SELECT count(*) FROM %s WHERE o=? AND id<>?", quote(c.Name))
	return t
}

// quote makes an identifier of a name in code.
func quote(name string) string {
	if name == "_id" {
		name = "id"
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func (t *table) create(tx *tx) error {
	columns := []string{"o INTEGER PRIMARY KEY", "id TEXT NOT NULL", "rev"}
	for _, k := range t.Keys {
		columns = append(columns, quote(k))
	}
	columns = append(columns, "doc BLOB NOT NULL")
	_, err := tx.exec(fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)", quote(t.Name), strings.Join(columns, ",")))
	if err != nil {
		return err
	}
	for _, k := range t.Keys {
		if err := t.addColumn(tx, k); err != nil {
			return err
		}
	}
	for _, x := range t.Indexes {
		if err := t.createIndex(tx, x); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) createIndex(tx *tx, x store.Index) error {
	unique, fields := "", make([]string, len(x.Fields))
	if x.Unique {
		unique = "UNIQUE"
	}
	for i, f := range x.Fields {
		fields[i] = quote(f)
	}
	name := t.Name + "_" + strings.Join(x.Fields, "_")
	_, err := tx.exec(fmt.Sprintf("CREATE %s INDEX IF NOT EXISTS %s ON %s (%s)", unique, quote(name), quote(t.Name), strings.Join(fields, ",")))
	return err
}

// addColumn brings a table from before the key was declared up to date.
func (t *table) addColumn(tx *tx, key string) error {
	var n int
	if err := tx.row("SELECT count(*) FROM pragma_table_info(?) WHERE name=?", []any{t.Name, key}, &n); err != nil || n > 0 {
		return err
	}
	if _, err := tx.exec(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", quote(t.Name), quote(key))); err != nil {
		return err
	}
	last := int64(-1)
	for {
		var doc []byte
		var o int64
		err := tx.row(fmt.Sprintf("SELECT coalesce(min(o),-1) FROM %s WHERE o>?", quote(t.Name)), []any{last}, &o)
		if err != nil || o < 0 {
			return err
		}
		if err := tx.row(fmt.Sprintf("SELECT doc FROM %s WHERE o=?", quote(t.Name)), []any{o}, &doc); err != nil {
			return err
		}
		if _, err := tx.exec(fmt.Sprintf("UPDATE %s SET %s=? WHERE o=?", quote(t.Name), quote(key)), value(bson.Raw(doc).Lookup(key)), o); err != nil {
			return err
		}
		last = o
	}
}

// row lays out the columns id, rev, keys and doc of a document.
func (t *table) row(doc bson.Raw) (id string, columns []any, err error) {
	id, ok := doc.Lookup("_id").StringValueOK()
	if !ok {
		return "", nil, fmt.Errorf("%s: a document has no _id", t.Name)
	}
	columns = make([]any, 0, len(t.Keys)+3)
	columns = append(columns, id, value(doc.Lookup("rev")))
	for _, k := range t.Keys {
		columns = append(columns, value(doc.Lookup(k)))
	}
	return id, append(columns, []byte(doc)), nil
}

// value gives a BSON value the form that it has in a column.
func value(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeInt64, bson.TypeInt32:
		return v.AsInt64()
	case bson.TypeBoolean:
		return v.Boolean()
	case bson.TypeBinary:
		_, b := v.Binary()
		return b
	default:
		return nil
	}
}

// query makes "WHERE … ORDER BY … LIMIT …" of a query.
func (t *table) query(q store.Query, ordered bool) (string, []any, error) {
	var b strings.Builder
	var args []any
	glue := " WHERE "
	add := func(c store.Cond, operator string) error {
		if !t.has(c.Field) {
			return fmt.Errorf("%s: key %q was not declared", t.Name, c.Field)
		}
		if id, ok := c.Value.(string); ok && c.Field == "_id" && operator == "=" {
			b.WriteString(glue + "o=? AND id=?")
			args = append(args, store.Spread(id), id)
		} else {
			b.WriteString(glue + quote(c.Field) + operator + "?")
			args = append(args, c.Value)
		}
		glue = " AND "
		return nil
	}
	for _, c := range q.Equal {
		if err := add(c, "="); err != nil {
			return "", nil, err
		}
	}
	if q.Below != nil {
		if err := add(*q.Below, "<"); err != nil {
			return "", nil, err
		}
	}
	if ordered {
		if err := t.order(&b, q); err != nil {
			return "", nil, err
		}
	}
	if q.Limit > 0 {
		b.WriteString(" LIMIT ?")
		args = append(args, q.Limit)
	}
	return b.String(), args, nil
}

func (t *table) order(b *strings.Builder, q store.Query) error {
	column := "o"
	if q.Order != "" {
		if !t.has(q.Order) {
			return fmt.Errorf("%s: key %q was not declared", t.Name, q.Order)
		}
		column = quote(q.Order)
	}
	b.WriteString(" ORDER BY " + column)
	if q.Falling {
		b.WriteString(" DESC")
	}
	return nil
}

func (t *table) has(field string) bool {
	return field == "_id" || field == "rev" || slices.Contains(t.Keys, field)
}
