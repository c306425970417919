package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"opengate/server/store"
	"opengate/survey"
)

// Codes of the server (src/mongo/base/error_codes.yml of its source).
const (
	codeDuplicate = 11000
	codeDiskFull  = 14031
)

// passing are codes of states that pass: elections, shutdowns, lost connections, time limits, write concern not met.
var passing = []int{6, 7, 50, 63, 64, 89, 91, 100, 133, 189, 202, 239, 246, 262, 317, 358, 384, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436}

// translate turns the driver's errors into the kinds of [store.Engine]. Of the driver's own errors the text alone goes
// on, so that no caller comes to depend on them.
func translate(ctx context.Context, op string, err error) error {
	var server mongo.ServerError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("mongo: %s: %w", op, ctx.Err())
	case errors.Is(err, mongo.ErrNoDocuments):
		return fmt.Errorf("mongo: %s: %w", op, survey.ErrNotFound)
	case errors.As(err, &server) && (server.HasErrorCode(codeDiskFull) || server.HasErrorMessage("No space left on device")):
		return fmt.Errorf("mongo: %s: %w: %s", op, store.ErrFull, err.Error())
	case errors.Is(err, survey.ErrNotFound), errors.Is(err, survey.ErrConflict), errors.Is(err, survey.ErrBusy):
		return fmt.Errorf("mongo: %s: %w", op, err)
	case errors.Is(err, mongo.ErrClientDisconnected):
		return fmt.Errorf("mongo: %s: %w: the database is closed", op, survey.ErrBusy)
	case unsettled(err):
		return fmt.Errorf("mongo: %s: %w: the database does not answer; check that the replica set has a primary and can be reached: %s", op, survey.ErrBusy, err.Error())
	}
	return fmt.Errorf("mongo: %s: %s", op, err.Error())
}

// unsettled says that the operation may or may not have taken place, and that sending it again is right.
func unsettled(err error) bool {
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) {
		return true
	}
	var server mongo.ServerError
	if !errors.As(err, &server) {
		return !known(err)
	}
	return server.HasErrorLabel("RetryableWriteError") || server.HasErrorLabel("TransientTransactionError") ||
		slices.ContainsFunc(server.ErrorCodes(), func(code int) bool { return slices.Contains(passing, code) })
}

// known says whether an error that no server sent is an answer by itself. All others of that sort are troubles with
// connections, for which the driver has no exported types.
func known(err error) bool {
	var marshal mongo.MarshalError
	return errors.As(err, &marshal) || errors.Is(err, mongo.ErrNoDocuments) || errors.Is(err, mongo.ErrClientDisconnected) ||
		errors.Is(err, survey.ErrNotFound) || errors.Is(err, survey.ErrConflict) || errors.Is(err, survey.ErrBusy)
}
