package demo

import "aidantsconnect/internal/demarche"

func (p *Parcours) TerminerMandat() error                                      { return nil }
func (p *Parcours) TerminerAutorisation(nom string, d demarche.Demarche) error { return nil }
