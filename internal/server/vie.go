package server

import (
	"aidantsconnect/internal/acces"
	"aidantsconnect/internal/histoire"
)

// mountVie serves what is told and given of the people helped.
func (b base) mountVie(s *Server) {
	(&histoire.Handlers{DB: b.db, Journal: b.journal, Site: b.site}).Mount(s.Mux)
	(&acces.Handlers{DB: b.db, Journal: b.journal, Champs: b.box, Site: b.site}).Mount(s.Mux)
}
