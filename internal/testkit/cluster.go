package testkit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// clusterAddress is the PostgreSQL cluster the tests use, as a superuser:
// AC_TEST_POSTGRES, which the test command sets so that all packages share
// one, or else a cluster of this process.
var clusterAddress = sync.OnceValues(func() (string, error) {
	if address := os.Getenv("AC_TEST_POSTGRES"); address != "" {
		return address, nil
	}
	return startCluster()
})

// clusterStdin is held open until the process ends, however it ends: then
// tools/grappe.sh reads the end of its input, stops the cluster and removes
// its folder. Nothing survives a killed test.
var clusterStdin struct{ held io.Closer }

func startCluster() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	in, hold, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	cmd := exec.Command("/bin/sh", filepath.Join(root, "tools", "grappe.sh"))
	var complaint strings.Builder
	cmd.Stdin, cmd.Stderr = in, &complaint
	// A group of its own: the terminal's interruption reaches the test, whose
	// end reaches the cluster.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	clusterStdin.held = hold
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = hold.Close()
		_ = cmd.Wait()
		return "", errors.New(strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(line), nil
}

// databasePrefix begins the names of the databases of tests; the process's
// number follows.
const databasePrefix = "ac_essai_"

func databaseName(suffix string) string {
	return fmt.Sprintf("%s%d_%s", databasePrefix, os.Getpid(), suffix)
}

// databaseAddress is the cluster's address with another database.
func databaseAddress(name string) (string, error) {
	address, err := clusterAddress()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("AC_TEST_POSTGRES: not an address")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// admin is one connection to the cluster, used by one goroutine at a time.
var admin struct {
	sync.Mutex
	conn *pgx.Conn
}

// administer runs one statement on the cluster, outside any transaction.
func administer(statement string) error {
	_, err := administrate(statement)
	return err
}

func administrate(statement string) (firsts []string, err error) {
	ctx := context.Background()
	admin.Lock()
	defer admin.Unlock()
	if admin.conn == nil || admin.conn.IsClosed() {
		address, err := clusterAddress()
		if err != nil {
			return nil, err
		}
		if admin.conn, err = pgx.Connect(ctx, address); err != nil {
			return nil, fmt.Errorf("PostgreSQL des essais injoignable : %w", err)
		}
	}
	rows, err := admin.conn.Query(ctx, statement)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// sweep drops what dead test processes left on a cluster that outlives them.
func sweep() error {
	names, err := administrate("SELECT datname::text FROM pg_database WHERE datname LIKE 'ac!_essai!_%' ESCAPE '!'")
	if err != nil {
		return err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, databasePrefix), "_")
		pid, err := strconv.Atoi(number)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		// Another process may sweep at the same time; who comes second fails.
		_ = administer("DROP DATABASE IF EXISTS " + name)
	}
	return nil
}
