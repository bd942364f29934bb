package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/listing"
	"github.com/databricks/databricks-sdk-go/service/iam"
)

// failure is how a check ends its case, and only that.
type failure string

// attempt runs one case; a bad one must not hide the others.
func attempt(run func()) (problem string) {
	defer func() {
		if caught := recover(); caught != nil {
			said, expected := caught.(failure)
			if !expected {
				said = failure(fmt.Sprintf("panic: %v", caught))
			}
			problem = fmt.Sprintf("lines %s: %s", lines(), said)
		}
	}()
	run()
	return ""
}

// lines says where the case was, the innermost place first.
func lines() string {
	var found []string
	frames := callers()
	for {
		frame, more := frames.Next()
		file := filepath.Base(frame.File)
		ours := strings.HasPrefix(frame.Function, "main.") && file != "check.go" && file != "main.go"
		if ours {
			found = append(found, fmt.Sprintf("%s:%d", file, frame.Line))
		}
		if !more {
			return strings.Join(found, " ")
		}
	}
}

func callers() *runtime.Frames {
	counters := make([]uintptr, 64)
	return runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
}

func fail(format string, arguments ...any) {
	panic(failure(fmt.Sprintf(format, arguments...)))
}

func check(good bool, format string, arguments ...any) {
	if !good {
		fail(format, arguments...)
	}
}

func done(problem error) {
	check(problem == nil, "%v", problem)
}

func must[T any](value T, problem error) T {
	done(problem)
	return value
}

func same[T any](what string, got, wanted T) {
	check(reflect.DeepEqual(got, wanted), "%s: %#v, not %#v", what, got, wanted)
}

// once checks that no value is there twice, as in a listing whose pages overlap.
func once[T comparable](what string, got []T) {
	seen := map[T]bool{}
	for _, each := range got {
		check(!seen[each], "%s: %v is there twice", what, each)
		seen[each] = true
	}
}

func includes[T comparable](what string, got []T, wanted ...T) {
	for _, each := range wanted {
		check(slices.Contains(got, each), "%s: no %v in %v", what, each, got)
	}
}

// each takes one thing of every element.
func each[T, U any](items []T, take func(T) U) []U {
	taken := []U{}
	for _, item := range items {
		taken = append(taken, take(item))
	}
	return taken
}

// all reads a listing to its end. The ListAll of some services takes the size of a page for a limit.
func all[T any](list listing.Iterator[T]) []T { return must(listing.ToSlice(ctx, list)) }

// from drops the answer of a call that is to be refused.
func from[T any](_ T, problem error) error { return problem }

// refused: `problem` must be an error of the service, be of the kind `wanted`, and say `text`.
func refused(problem, wanted error, text string) {
	check(problem != nil, "was not refused: %s", text)
	var answer *apierr.APIError
	check(errors.As(problem, &answer), "not an answer of the service: %v", problem)
	said := fmt.Sprintf("%d %s: %s", answer.StatusCode, answer.ErrorCode, answer.Message)
	check(wanted == nil || errors.Is(problem, wanted), "'%s' is not: %v", said, wanted)
	check(strings.Contains(said, text), "refused with '%s', which lacks '%s'", said, text)
}

// contains checks that everything of `part` is in `whole`, whatever the server added.
func contains(what string, whole, part any) {
	within(what, plain(whole), plain(part))
}

func plain(value any) (read any) {
	done(json.Unmarshal(must(json.Marshal(value)), &read))
	return read
}

func within(place string, whole, part any) {
	switch wanted := part.(type) {
	case map[string]any:
		there, good := whole.(map[string]any)
		check(good, "%s is %v", place, whole)
		for key, value := range wanted {
			check(there[key] != nil, "%s/%s is missing", place, key)
			within(place+"/"+key, there[key], value)
		}
	case []any:
		there, _ := whole.([]any)
		same("elements of "+place, len(there), len(wanted))
		for number, value := range wanted {
			within(fmt.Sprintf("%s/%d", place, number), there[number], value)
		}
	default:
		same(place, whole, part)
	}
}

func patch(op iam.PatchOp, path string, value any) iam.Patch {
	return iam.Patch{Op: op, Path: path, Value: value}
}

// values of members, entitlements and the like, in order.
func values(items []iam.ComplexValue) []string {
	found := each(items, func(item iam.ComplexValue) string { return item.Value })
	slices.Sort(found)
	return found
}

func listOf(given ...string) []iam.ComplexValue {
	return each(given, func(value string) iam.ComplexValue { return iam.ComplexValue{Value: value} })
}
