// Package mongotest starts a real MongoDB server for tests: a replica set of one member on a free loopback port, with
// its data in a temporary folder. Only tests import it. Entry points: [Main], [URI] and, for tests that stop or kill
// their server, [Start].
package mongotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// startLimit is how long a server may take until it is primary.
const startLimit = 60 * time.Second

// Server is a running mongod.
type Server struct {
	URI  string
	dir  string
	port int
	bin  string
	set  bool // member of a replica set
	proc *process
}

// Binary finds mongod: OPENGATE_MONGOD, else PATH. Without one the test is skipped with a sentence, or fails where CI
// is set.
func Binary(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv("OPENGATE_MONGOD")
	if path == "" {
		path, _ = exec.LookPath("mongod")
	}
	switch {
	case path != "":
	case os.Getenv("CI") != "":
		tb.Fatal("there is no mongod, and in CI these tests must run: set OPENGATE_MONGOD to what .ci/mongod prints")
	default:
		tb.Skip("there is no mongod: install MongoDB, or set OPENGATE_MONGOD to what .ci/mongod prints")
	}
	return path
}

var shared struct {
	sync.Mutex
	server *Server
	err    error
}

// Main runs the tests of a package and stops the server that [URI] started. Call it in TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.remove()
	}
	os.Exit(code)
}

// URI gives the address of a server that the tests of the package share. Use a database of your own: [Database].
func URI(tb testing.TB) string {
	tb.Helper()
	bin := Binary(tb)
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = start(bin, true)
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server.URI
}

// Database gives a name that no other test uses.
func Database(tb testing.TB) string {
	tb.Helper()
	return "t" + strconv.FormatInt(time.Now().UnixNano(), 36) //nolint:forbidigo // a name that no other run has
}

// Start starts a server for one test, which may stop or kill it.
func Start(tb testing.TB) *Server {
	tb.Helper()
	return started(tb, true)
}

// Standalone starts a server that is no member of a replica set.
func Standalone(tb testing.TB) *Server {
	tb.Helper()
	return started(tb, false)
}

func started(tb testing.TB, set bool) *Server {
	tb.Helper()
	s, err := start(Binary(tb), set)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.remove)
	return s
}

func start(bin string, set bool) (*Server, error) {
	dir, err := os.MkdirTemp("", "opengate-mongod-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, set: set}
	if s.port, err = freePort(); err == nil {
		err = s.Run()
	}
	if err == nil && set {
		err = s.initiate()
	}
	if err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Run starts the process, again after Kill or Stop, on the same data and port.
func (s *Server) Run() error {
	s.URI = fmt.Sprintf("mongodb://127.0.0.1:%d/?directConnection=false", s.port)
	args := []string{
		"--dbpath", s.dir, "--port", strconv.Itoa(s.port), "--bind_ip", "127.0.0.1", "--nounixsocket",
		"--logpath", filepath.Join(s.dir, "mongod.log"), "--logappend", "--wiredTigerCacheSizeGB", "0.25",
		"--setParameter", "enableTestCommands=1", "--setParameter", "diagnosticDataCollectionEnabled=false",
	}
	if s.set {
		args = append(args, "--replSet", "rs0")
		s.URI = fmt.Sprintf("mongodb://127.0.0.1:%d/?replicaSet=rs0", s.port)
	}
	var err error
	if s.proc, err = spawn(s.bin, args); err != nil {
		return fmt.Errorf("mongod does not start: %w", err)
	}
	return s.await("hello", func(bson.Raw) bool { return true })
}

// AwaitPrimary waits until the server takes writes.
func (s *Server) AwaitPrimary() error {
	return s.await("hello", func(r bson.Raw) bool {
		primary, ok := r.Lookup("isWritablePrimary").BooleanOK()
		return ok && primary
	})
}

func (s *Server) initiate() error {
	config := bson.D{{Key: "_id", Value: "rs0"}, {Key: "members", Value: bson.A{
		bson.D{{Key: "_id", Value: 0}, {Key: "host", Value: fmt.Sprintf("127.0.0.1:%d", s.port)}},
	}}}
	_, err := s.Command(bson.D{{Key: "replSetInitiate", Value: config}})
	return errors.Join(err, s.AwaitPrimary())
}

// Command runs an administrative command on the server itself, whatever its state.
func (s *Server) Command(cmd bson.D) (bson.Raw, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	o := options.Client().ApplyURI(fmt.Sprintf("mongodb://127.0.0.1:%d/?directConnection=true", s.port)).SetServerSelectionTimeout(2 * time.Second)
	c, err := mongo.Connect(o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Disconnect(context.WithoutCancel(ctx)) }()
	return c.Database("admin").RunCommand(ctx, cmd).Raw()
}

// await repeats a command until its answer satisfies; it gives up when the process has ended or the time is up.
func (s *Server) await(command string, enough func(bson.Raw) bool) error {
	deadline := time.After(startLimit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := s.Command(bson.D{{Key: command, Value: 1}})
		if err == nil && enough(r) {
			return nil
		}
		select {
		case <-s.proc.ended:
			return fmt.Errorf("mongod ended at once; its log says:\n%s", s.logTail())
		case <-deadline:
			return fmt.Errorf("mongod is not ready after %v (last: %s); its log says:\n%s", startLimit, fmt.Sprint(err), s.logTail())
		case <-tick.C:
		}
	}
}

func (s *Server) logTail() string {
	b, err := os.ReadFile(filepath.Join(s.dir, "mongod.log"))
	if err != nil {
		return s.proc.output()
	}
	return string(b[max(0, len(b)-2000):])
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() { s.proc.kill() }

func (s *Server) remove() {
	if s.proc != nil {
		s.proc.kill()
	}
	_ = os.RemoveAll(s.dir) // a temporary folder
}
