//nolint:gosec // lengths fit: no engine takes a document of 2 GB, and numbers keep their bits
package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Responses are written and read without reflection and without maps of documents: at a million of them that is most
// of the work. This is the part of BSON that they use; everything else goes through bson.Marshal.

// The BSON types that documents of responses consist of.
const (
	typeDouble   = 0x01
	typeString   = 0x02
	typeDocument = 0x03
	typeArray    = 0x04
	typeBinary   = 0x05
	typeObjectID = 0x07
	typeBool     = 0x08
	typeDate     = 0x09
	typeNull     = 0x0a
	typeInt32    = 0x10
	typeStamp    = 0x11
	typeInt64    = 0x12
	typeDecimal  = 0x13
)

var errNotBSON = errors.New("damaged document")

// flat appends elements to a BSON document.
type flat struct {
	b    []byte
	open []int // offsets of the lengths of the documents not yet closed
	err  error
}

func (f *flat) begin() {
	f.open = append(f.open, len(f.b))
	f.b = append(f.b, 0, 0, 0, 0)
}

func (f *flat) end() {
	at := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	f.b = append(f.b, 0)
	binary.LittleEndian.PutUint32(f.b[at:], uint32(len(f.b)-at))
}

func (f *flat) head(t byte, key string) {
	if strings.IndexByte(key, 0) >= 0 {
		f.err = fmt.Errorf("a name holds the character NUL: %q", key)
	}
	f.b = append(append(append(f.b, t), key...), 0)
}

func (f *flat) document(key string) {
	f.head(typeDocument, key)
	f.begin()
}

func (f *flat) string(key, s string) {
	f.head(typeString, key)
	f.b = binary.LittleEndian.AppendUint32(f.b, uint32(len(s)+1))
	f.b = append(append(f.b, s...), 0)
}

func (f *flat) int64(key string, n int64) {
	f.head(typeInt64, key)
	f.b = binary.LittleEndian.AppendUint64(f.b, uint64(n))
}

func (f *flat) int32(key string, n int32) {
	f.head(typeInt32, key)
	f.b = binary.LittleEndian.AppendUint32(f.b, uint32(n))
}

func (f *flat) bool(key string, v bool) {
	f.head(typeBool, key)
	if v {
		f.b = append(f.b, 1)
	} else {
		f.b = append(f.b, 0)
	}
}

func (f *flat) binary(key string, data []byte) {
	f.head(typeBinary, key)
	f.b = binary.LittleEndian.AppendUint32(f.b, uint32(len(data)))
	f.b = append(append(f.b, 0), data...)
}

// visit calls yield for each element of a document, in order. Key and value are parts of doc. It checks every length
// against what is there, so that a damaged document is an error and never a panic.
func visit(doc []byte, yield func(t byte, key, value []byte) error) error {
	if len(doc) < 5 || int64(binary.LittleEndian.Uint32(doc)) != int64(len(doc)) || doc[len(doc)-1] != 0 {
		return errNotBSON
	}
	rest := doc[4 : len(doc)-1]
	for len(rest) > 0 {
		t := rest[0]
		end := indexZero(rest[1:])
		if end < 0 {
			return errNotBSON
		}
		key := rest[1 : 1+end]
		rest = rest[2+end:]
		n, err := width(t, rest)
		if err != nil {
			return err
		}
		if err := yield(t, key, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func indexZero(b []byte) int {
	for i, c := range b {
		if c == 0 {
			return i
		}
	}
	return -1
}

// width says how many bytes the value at the beginning of b takes.
func width(t byte, b []byte) (int, error) {
	n := int64(0)
	switch t {
	case typeNull:
	case typeBool:
		n = 1
	case typeInt32:
		n = 4
	case typeDouble, typeDate, typeInt64, typeStamp:
		n = 8
	case typeObjectID:
		n = 12
	case typeDecimal:
		n = 16
	case typeString, typeBinary, typeDocument, typeArray:
		if len(b) < 4 {
			return 0, errNotBSON
		}
		n = int64(binary.LittleEndian.Uint32(b))
		switch {
		case t == typeString && n < 1, (t == typeDocument || t == typeArray) && n < 5:
			return 0, errNotBSON
		case t == typeString:
			n += 4
		case t == typeBinary:
			n += 5
		}
	default:
		return 0, fmt.Errorf("%w: element of type %#x", errNotBSON, t)
	}
	if n > int64(len(b)) {
		return 0, errNotBSON
	}
	return int(n), nil
}

// stringOf gives the bytes of a string value.
func stringOf(value []byte) []byte { return value[4 : len(value)-1] }

// binaryOf gives the bytes of a binary value.
func binaryOf(value []byte) []byte { return value[5:] }

// intOf reads an int32 or int64 value.
func intOf(t byte, value []byte) int64 {
	if t == typeInt32 {
		return int64(int32(binary.LittleEndian.Uint32(value)))
	}
	return int64(binary.LittleEndian.Uint64(value))
}
