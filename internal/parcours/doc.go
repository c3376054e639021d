// Package parcours plays whole stories in a real Chromium on the running
// program against the simulation of FranceConnect: an aidant signs in,
// concludes a mandat, uses it, ends it. Every page met is looked at: axe-core,
// one h1, title, language, no sideways scroll at 320 px nor at 200 %, nothing
// said to the console, the mark of the simulation. Captures are kept for a
// person to look at.
//
// It holds tests only. It owns no table and serves no URL.
package parcours
