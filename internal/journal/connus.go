package journal

import (
	"sync"
	"time"

	"aidantsconnect/internal/db"
)

// connus remembers the pseudonyms of the people met lately, so that most lines
// read nothing. It is more than speed: on PostgreSQL a serializable act that
// reads the pseudonyms fights with every act that adds one.
//
// It keeps pseudonyms, not their keys. After another node forgot a person,
// this one remembers for an hour at most what stood for them.
type connus struct {
	mu  sync.Mutex
	all map[string]connu // by digest of the person
}

type connu struct {
	nom  string
	tx   *db.Tx  // not nil: inserted by this transaction, which may not commit
	date db.Time // when it was read
}

const (
	connusMax   = 20_000
	connusDuree = time.Hour
)

// get gives a pseudonym that is committed, or that this transaction inserted.
func (c *connus) get(empreinte string, tx *db.Tx) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.all[empreinte]
	if !ok || (k.tx != nil && k.tx != tx) || tx.Now.After(k.date.Add(connusDuree)) {
		return "", false
	}
	return k.nom, true
}

// inserted notes a pseudonym that exists only if the transaction commits.
func (c *connus) inserted(empreinte, nom string, tx *db.Tx) {
	c.put(empreinte, connu{nom, tx, tx.Now})
}

// found notes a pseudonym read from the database. It is committed: what this
// transaction inserts itself is found by get and is not read.
func (c *connus) found(empreinte, nom string, tx *db.Tx) {
	c.put(empreinte, connu{nom, nil, tx.Now})
}

func (c *connus) put(empreinte string, k connu) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= connusMax { // everybody is met again soon
		c.all = make(map[string]connu)
	}
	c.all[empreinte] = k
}

func (c *connus) forget(empreinte string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, empreinte)
}
