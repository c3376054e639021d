package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/server"
)

// limites are what the machine can do, found in the same run.
type limites struct {
	Commits    [2]resultat `json:"commits"` // one row each: at one client, at eight
	Signatures resultat    `json:"signatures_es256"`
}

// limits counts durable commits of one row through internal/db, as an act
// commits, in a database beside the one that is measured; and signatures.
func (b *banc) limits(ctx context.Context) (l limites, err error) {
	address, err := b.newDatabase(ctx, "limites")
	if err != nil {
		return l, err
	}
	d, err := db.Open(ctx, address, db.Options{Clock: server.Now})
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Update(ctx, func(tx *db.Tx) error { return createTable(ctx, tx) }); err != nil {
		return l, err
	}
	for i, n := range []int{1, parallele} {
		l.Commits[i], err = repeat(ctx, d, n, b.duree*3/5, func(int) error {
			return d.Update(ctx, func(tx *db.Tx) error { return insertOne(ctx, tx) })
		})
		if err != nil {
			return l, fmt.Errorf("commits : %w", err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return l, err
	}
	l.Signatures, err = repeat(ctx, nil, runtime.NumCPU(), b.duree/5, func(int) error {
		h := sha256.Sum256([]byte("ce qui est signé dans un jeton"))
		_, err := ecdsa.SignASN1(rand.Reader, key, h[:])
		return err
	})
	return l, err
}

// profile records where the time goes, when it is asked.
func (b *banc) profile(fn func() error) error { return b.profileAs(string(b.dialecte), fn) }

func (b *banc) profileAs(name string, fn func() error) error {
	if b.profil == "" {
		return fn()
	}
	if err := os.MkdirAll(b.profil, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(b.profil, name+".cpu"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	runtime.SetBlockProfileRate(100_000) // one wait of 100 µs in each kept
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	err = fn()
	pprof.StopCPUProfile()
	for kind, what := range map[string]string{"attentes": "block", "allocations": "allocs"} {
		g, err2 := os.Create(filepath.Join(b.profil, name+"."+kind))
		if err2 != nil {
			return errors.Join(err, err2)
		}
		err = errors.Join(err, pprof.Lookup(what).WriteTo(g, 0), g.Close())
	}
	return err
}
