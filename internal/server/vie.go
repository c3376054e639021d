package server

import (
	"context"

	"aidantsconnect/internal/acces"
	"aidantsconnect/internal/conservation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/histoire"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/planning"
)

// mountVie serves what is told and given of the people helped.
func (b base) mountVie(s *Server) {
	(&histoire.Handlers{DB: b.db, Journal: b.journal, Site: b.site, Preuve: s.Publie.PrintedMandat}).Mount(s.Mux)
	s.Acces = &acces.Handlers{DB: b.db, Journal: b.journal, Champs: b.box, Site: b.site, Conserve: held}
	s.Acces.Mount(s.Mux)
	s.Taches = &planning.Handlers{DB: b.db, Journal: b.journal, Planning: s.Planning, Champs: b.box, Site: b.site}
	s.Taches.Mount(s.Mux)
	s.Detection.Mount(s.Mux)
	s.Rapproche.Mount(s.Mux)
}

// held tells, for the copy of a person, what the retention holds of them.
func held(ctx context.Context, tx *db.Tx, id ident.UsagerID) ([]acces.Table, error) {
	list, err := conservation.OfUsager(ctx, tx, id)
	gels := acces.Table{Nom: "conservation_gel", Titre: "Gels de vos données"}
	archive := acces.Table{Nom: "conservation_archive", Titre: "Mandats passés en archive"}
	for _, x := range list {
		l := acces.Ligne{acces.Instant("date", x.Debut)}
		if x.Motif == "" {
			archive.Lignes = append(archive.Lignes, l)
			continue
		}
		l = append(l, acces.Valeur{Nom: "raison", Valeur: x.Motif.Libelle()})
		if !x.Fin.IsZero() {
			l = append(l, acces.Instant("levé le", x.Fin))
		}
		gels.Lignes = append(gels.Lignes, l)
	}
	return []acces.Table{gels, archive}, err
}
