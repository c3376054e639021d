package journal

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// What a whole verification reads comes packed, one value for many columns:
// most of the cost of a row is in its columns, and a journal has millions of
// rows. Each packing can be read back in one way only, so that two different
// rows never look the same, whoever wrote them:
//
//   - SQLite: the lengths of the parts that hold any byte come first; what is
//     left is texts between bars, exactly as many as there are columns, so that
//     a bar within a text is seen;
//   - PostgreSQL: record_send, which puts its length before each column.
//
// What does not read as the program writes it is read again column by column
// (selectRangsEpars), and judged there.

// etendue is a range of identifiers, and the most rows worth reading in it.
type etendue struct {
	least, most ident.LigneID
	limite      int
}

// selectRangs gives the ranks from premier to dernier, with their lines, in dst. vus are words already met.
//
// The lines of a page are nearly in a row, because identifiers are in order of
// time: reading them in a row is three times faster than looking for each.
func selectRangs(ctx context.Context, tx *db.Tx, dst []rangLu, premier, dernier int64, vus mots) ([]rangLu, error) {
	page, ok, err := selectRangsSerres(ctx, tx, dst, premier, dernier)
	if err == nil && ok {
		ok, err = fillLignes(ctx, tx, page, vus)
	}
	if err != nil || ok {
		return page, err
	}
	return selectRangsEpars(ctx, tx, premier, dernier)
}

func fillLignes(ctx context.Context, tx *db.Tx, page []rangLu, vus mots) (ok bool, err error) {
	byID := make(map[ident.LigneID]*ligneLue, len(page))
	e := etendue{page[0].id, page[0].id, 4 * len(page)}
	for i := range page {
		id := page[i].id
		byID[id] = &page[i].ligne
		if id.Compare(e.least) < 0 {
			e.least = id
		}
		if id.Compare(e.most) > 0 {
			e.most = id
		}
	}
	if len(byID) != len(page) {
		return false, nil
	}
	for _, read := range []func(context.Context, *db.Tx, map[ident.LigneID]*ligneLue, etendue, mots) (bool, error){selectLignesSerrees, selectContenusSerres} {
		if ok, err = read(ctx, tx, byID, e, vus); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// selectRangsSerres gives a page of ranks without a gap; not ok when there is
// one, or anything else that the program does not write.
func selectRangsSerres(ctx context.Context, tx *db.Tx, dst []rangLu, premier, dernier int64) (page []rangLu, ok bool, err error) {
	var n int64
	var all []byte
	err = tx.QueryRow(ctx, byDialect(tx,
		`SELECT count(*), CAST(group_concat(concat(rang, '|', ligne_id, entree), '') AS blob) FROM (
			SELECT rang, ligne_id, entree FROM journal_rang WHERE rang >= $1 AND rang <= $2 AND octet_length(ligne_id) = 36 AND octet_length(entree) = 32 ORDER BY rang)`,
		`SELECT count(*), string_agg(record_send(ROW(rang, ligne_id, entree)), CAST('' AS bytea) ORDER BY rang)
			FROM journal_rang WHERE rang >= $1 AND rang <= $2`), premier, dernier).Scan(&n, &all)
	if err != nil || n == 0 || n != dernier-premier+1 {
		return nil, false, err
	}
	r := paquetDe(tx, all)
	for i := range n {
		var l rangLu
		if l.rang, l.id, l.entree, ok = r.rang(); !ok || l.rang != premier+i {
			return nil, false, nil
		}
		dst = append(dst, l)
	}
	return dst, r.fini(), nil
}

// selectLignesSerrees fills the lines asked, by reading all those of a range.
// It gives up when the range holds too many others.
func selectLignesSerrees(ctx context.Context, tx *db.Tx, want map[ident.LigneID]*ligneLue, e etendue, vus mots) (ok bool, err error) {
	rows, err := tx.Query(ctx, byDialect(tx,
		`SELECT CAST(concat(octet_length(l.session_empreinte), ',', octet_length(l.sel), ',', octet_length(l.contenu_empreinte), ',', octet_length(l.entree), '|',
				l.id, '|', l.version, '|', l.instant, '|', l.action, '|', l.initiateur, '|', l.aidant, '|', l.concerne, '|', l.usager, '|',
				l.organisation_id, '|', l.mandat_id, '|', l.autorisation_id, '|', l.operation_id, '|', l.session_empreinte, l.sel, l.contenu_empreinte, l.entree) AS blob)
			FROM journal_ligne AS l WHERE l.id >= $1 AND l.id <= $2 ORDER BY l.id LIMIT $3`,
		`SELECT string_agg(record_send(ROW(l.id, l.version, l.instant, l.action, l.initiateur, l.aidant, l.concerne, l.usager,
				l.organisation_id, l.mandat_id, l.autorisation_id, l.operation_id, l.session_empreinte, l.sel, l.contenu_empreinte, l.entree)), CAST('' AS bytea))
			FROM (SELECT id, version, instant, action, initiateur, aidant, concerne, usager, organisation_id, mandat_id, autorisation_id, operation_id,
				session_empreinte, sel, contenu_empreinte, entree FROM journal_ligne WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3) AS l`), e.least, e.most, e.limite)
	n := 0
	ok = true
	err = each(rows, err, func() error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		for r := paquetDe(tx, b); ok && !r.fini(); n++ {
			var l ligneLue
			if ok = r.ligne(&l, vus); !ok {
				return nil
			}
			if to := want[l.ID]; to != nil {
				*to = l
			}
		}
		return nil
	})
	return ok && n < e.limite, err
}

// selectContenusSerres is selectLignesSerrees for the facts.
func selectContenusSerres(ctx context.Context, tx *db.Tx, want map[ident.LigneID]*ligneLue, e etendue, _ mots) (ok bool, err error) {
	rows, err := tx.Query(ctx, byDialect(tx,
		`SELECT CAST(concat(octet_length(ligne_id), ',', octet_length(sel), ',', octet_length(contenu), '|', ligne_id, sel, contenu) AS blob)
			FROM journal_contenu WHERE ligne_id >= $1 AND ligne_id <= $2 ORDER BY ligne_id LIMIT $3`,
		`SELECT string_agg(record_send(ROW(c.ligne_id, c.sel, c.contenu)), CAST('' AS bytea))
			FROM (SELECT ligne_id, sel, contenu FROM journal_contenu WHERE ligne_id >= $1 AND ligne_id <= $2 ORDER BY ligne_id LIMIT $3) AS c`), e.least, e.most, e.limite)
	n := 0
	ok = true
	err = each(rows, err, func() error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		for r := paquetDe(tx, b); ok && !r.fini(); n++ {
			id, sel, contenu, read := r.contenu()
			if ok = read; !ok {
				return nil
			}
			if to := want[id]; to != nil && to.present {
				to.contenuPresent, to.contenuSel, to.contenu = true, sel, contenu
			}
		}
		return nil
	})
	return ok && n < e.limite, err
}
