package journal

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// arbre is the right edge of a Merkle tree (RFC 6962 §2.1): the roots of its
// complete subtrees, biggest first. It is all that is needed to extend the
// tree and to know its root, whatever the size.
type arbre struct {
	taille int64
	pics   []tlog.Hash
}

// add appends a leaf and gives the hashes to store from index
// tlog.StoredHashCount(size before): the leaf, then the subtrees it completes.
func (a *arbre) add(entree []byte) []tlog.Hash { return a.addFeuille(tlog.RecordHash(entree)) }

// addFeuille is add when the hash of the leaf is known.
func (a *arbre) addFeuille(h tlog.Hash) []tlog.Hash {
	noeuds := []tlog.Hash{h}
	for n := a.taille; n&1 == 1; n >>= 1 {
		last := len(a.pics) - 1
		h = tlog.NodeHash(a.pics[last], h)
		a.pics = a.pics[:last]
		noeuds = append(noeuds, h)
	}
	a.pics = append(a.pics, h)
	a.taille++
	return noeuds
}

// racine is the root; of the empty tree, the hash of nothing.
func (a *arbre) racine() tlog.Hash {
	if len(a.pics) == 0 {
		return sha256.Sum256(nil)
	}
	h := a.pics[len(a.pics)-1]
	for i := len(a.pics) - 2; i >= 0; i-- {
		h = tlog.NodeHash(a.pics[i], h)
	}
	return h
}

// indicesPics are the stored positions of the pics of a tree of n leaves.
func indicesPics(n int64) []int64 {
	var out []int64
	start := int64(0)
	for level := 62; level >= 0; level-- {
		if n&(1<<level) != 0 {
			out = append(out, tlog.StoredHashIndex(level, start>>level))
			start += 1 << level
		}
	}
	return out
}
