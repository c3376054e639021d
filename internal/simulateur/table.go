package simulateur

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// maxLignes bounds every table: a stand-in left running must not fill the
// memory of a laptop.
const maxLignes = 5000

// table is a bounded map whose entries die; values are copied in and out.
type table[V any] struct {
	mu       sync.Mutex
	clock    func() time.Time
	duree    time.Duration
	glissant bool // reading an entry restarts its life
	lignes   map[string]ligne[V]
}

type ligne[V any] struct {
	valeur V
	fin    time.Time
}

func newTable[V any](clock func() time.Time, duree time.Duration) *table[V] {
	return &table[V]{clock: clock, duree: duree, lignes: map[string]ligne[V]{}}
}

// put stores v under key for the table's lifetime, starting now. When the table
// is full the dead leave, then any, until half is free.
func (t *table[V]) put(key string, v V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if len(t.lignes) >= maxLignes {
		for k, l := range t.lignes {
			if !now.Before(l.fin) {
				delete(t.lignes, k)
			}
		}
		for k := range t.lignes {
			if len(t.lignes) <= maxLignes/2 {
				break
			}
			delete(t.lignes, k)
		}
	}
	t.lignes[key] = ligne[V]{v, now.Add(t.duree)}
}

// add stores v under a fresh random key, which it returns.
func (t *table[V]) add(v V) string {
	key := alea(32)
	t.put(key, v)
	return key
}

// update changes a live entry in place; fn's answer tells whether the change is
// kept. It is the only way to a value, so that exactly one caller wins.
func (t *table[V]) update(key string, fn func(*V) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := t.lignes[key]
	now := t.clock()
	if !ok || !now.Before(l.fin) || !fn(&l.valeur) {
		return false
	}
	if t.glissant {
		l.fin = now.Add(t.duree)
	}
	t.lignes[key] = l
	return true
}

// get gives a copy of a live entry.
func (t *table[V]) get(key string) (v V, ok bool) {
	ok = t.update(key, func(l *V) bool { v = *l; return true })
	return v, ok
}

// take removes a live entry and gives it.
func (t *table[V]) take(key string) (v V, ok bool) {
	ok = t.update(key, func(l *V) bool { v = *l; return true })
	if ok {
		t.mu.Lock()
		defer t.mu.Unlock()
		_, ok = t.lignes[key] // somebody may have been faster
		delete(t.lignes, key)
	}
	return v, ok
}

// find gives a live entry that satisfies ok.
func (t *table[V]) find(ok func(V) bool) (string, V, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	for k, l := range t.lignes {
		if now.Before(l.fin) && ok(l.valeur) {
			return k, l.valeur, true
		}
	}
	var zero V
	return "", zero, false
}

// alea gives n random bytes in hexadecimal (FC-04).
func alea(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}
