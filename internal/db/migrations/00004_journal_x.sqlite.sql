-- +goose Up

-- Le journal ne se réécrit pas (mandats.md 17.1) : la base refuse, quel que soit le programme.
-- +goose StatementBegin
CREATE TRIGGER journal_origine_update BEFORE UPDATE ON journal_origine
BEGIN
  SELECT RAISE(ABORT, 'journal_origine: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_origine_delete BEFORE DELETE ON journal_origine
BEGIN
  SELECT RAISE(ABORT, 'journal_origine: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_ligne_update BEFORE UPDATE ON journal_ligne
BEGIN
  SELECT RAISE(ABORT, 'journal_ligne: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_ligne_delete BEFORE DELETE ON journal_ligne
BEGIN
  SELECT RAISE(ABORT, 'journal_ligne: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_rang_update BEFORE UPDATE ON journal_rang
BEGIN
  SELECT RAISE(ABORT, 'journal_rang: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_rang_delete BEFORE DELETE ON journal_rang
BEGIN
  SELECT RAISE(ABORT, 'journal_rang: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_noeud_update BEFORE UPDATE ON journal_noeud
BEGIN
  SELECT RAISE(ABORT, 'journal_noeud: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_noeud_delete BEFORE DELETE ON journal_noeud
BEGIN
  SELECT RAISE(ABORT, 'journal_noeud: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_point_update BEFORE UPDATE ON journal_point
BEGIN
  SELECT RAISE(ABORT, 'journal_point: insertion seule');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_point_delete BEFORE DELETE ON journal_point
BEGIN
  SELECT RAISE(ABORT, 'journal_point: insertion seule');
END;
-- +goose StatementEnd

-- Un contenu s'efface, ligne à ligne ; il ne se modifie pas.
-- +goose StatementBegin
CREATE TRIGGER journal_contenu_update BEFORE UPDATE ON journal_contenu
BEGIN
  SELECT RAISE(ABORT, 'journal_contenu: insertion seule');
END;
-- +goose StatementEnd
