package sqlite_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"opengate/server/store"
	"opengate/server/store/storetest"
	"opengate/survey"
)

// wide is a response of about 1 kB.
func wide(id string) store.Entry {
	e := storetest.Entry(id, "a")
	for i := range 40 {
		e.Response.Answers[fmt.Sprint("question_", i)] = survey.Value{State: survey.Answered, Text: fmt.Sprint("c", i%5)}
	}
	return e
}

func benchStore(b *testing.B) *store.Store {
	b.Helper()
	s, err := openKilled(b.Context(), filepath.Join(b.TempDir(), "opengate.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.AddSurvey(b.Context(), store.Survey{Slug: "s"}); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkSubmit is one response per call from 64 callers, each durable.
func BenchmarkSubmit(b *testing.B) {
	s := benchStore(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.AddResponses(b.Context(), []store.Entry{wide(fmt.Sprint("id", n.Add(1)))}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "responses/s")
}

// BenchmarkImport is batches of 500.
func BenchmarkImport(b *testing.B) {
	s := benchStore(b)
	for i := 0; b.Loop(); i++ {
		entries := make([]store.Entry, 500)
		for j := range entries {
			entries[j] = wide(fmt.Sprint(i, "-", j))
		}
		if _, err := s.AddResponses(b.Context(), entries); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
}

// BenchmarkScan reads and decodes 20,000 responses.
func BenchmarkScan(b *testing.B) {
	s := benchStore(b)
	entries := make([]store.Entry, 20_000)
	for i := range entries {
		entries[i] = wide(fmt.Sprint("id", i))
	}
	if _, err := s.AddResponses(b.Context(), entries); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		n := 0
		for _, err := range s.Responses(b.Context(), "s", store.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != len(entries) {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(len(entries))*float64(b.N)/b.Elapsed().Seconds(), "responses/s")
}
