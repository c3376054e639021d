// Package pdf makes what is printed: QR codes drawn as vectors, and tagged PDF
// files (« PDF balisé ») from the HTML of our documents.
//
// A document is a fragment made of headings, paragraphs, lists, definition
// lists, bold words, line breaks, QR codes and the blocks of our style sheet
// (ac-verification, ac-signatures, ac-cadre, ac-mention); anything else is an
// error, so that nothing of a document is silently left out. The file has a
// structure tree, a language, a title, alternative texts and embedded fonts.
// Nobody has checked it against PDF/UA, so it must not be said to be it.
//
// It owns no table, serves no URL and reads nothing but its fonts: the same
// input gives the same bytes, on any machine, at any time.
package pdf

import "time"

// Meta is what a file says of itself.
type Meta struct {
	Titre  string    // shown in the title bar of readers
	Auteur string    // who makes it: the service
	Langue string    // "fr-FR"
	Date   time.Time // of the document; it replaces the clock
	Pied   string    // at the foot of each page, before « page 1 sur 3 »
	Marque string    // at the head of each page, and across it in pale letters: « PROJET »; "" for none
}
