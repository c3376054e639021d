// Package pdf makes what is printed: QR codes drawn as vectors, and tagged PDF
// files from the HTML of our documents.
//
// It owns no table, serves no URL and reads nothing: the same input gives the
// same bytes, on any machine.
package pdf
