// Package consultation shows the journal to people: to the référents the acts
// of their structure, to the operator's team all of them. Each line is a French
// sentence with who and when, and « Vérifier cette ligne » proves it.
//
// A référent sees who acted, on what mandat and for what démarche; never who
// the person helped is (A-W15): the journal does not hold it, and the mandat's
// page is the aidants' only. An export carries the receipt of every line, with
// the date that an authority certified and who countersigned, if any.
//
// It owns no table and reads the journal. URLs: /espace-referent/journal/…,
// /gestion/journal/…. Journal: export.
package consultation
