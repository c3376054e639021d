-- +goose Up

-- Le journal ne se réécrit pas (mandats.md 17.1) : la base refuse, quel que soit le programme.
-- +goose StatementBegin
CREATE FUNCTION journal_refuser() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: insertion seule', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER journal_origine_fige BEFORE UPDATE OR DELETE ON journal_origine FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_origine_plein BEFORE TRUNCATE ON journal_origine FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_ligne_fige BEFORE UPDATE OR DELETE ON journal_ligne FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_ligne_plein BEFORE TRUNCATE ON journal_ligne FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_rang_fige BEFORE UPDATE OR DELETE ON journal_rang FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_rang_plein BEFORE TRUNCATE ON journal_rang FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_noeud_fige BEFORE UPDATE OR DELETE ON journal_noeud FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_noeud_plein BEFORE TRUNCATE ON journal_noeud FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_point_fige BEFORE UPDATE OR DELETE ON journal_point FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_point_plein BEFORE TRUNCATE ON journal_point FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();

-- Un contenu s'efface, ligne à ligne ; il ne se modifie pas.
CREATE TRIGGER journal_contenu_fige BEFORE UPDATE ON journal_contenu FOR EACH ROW EXECUTE FUNCTION journal_refuser();
CREATE TRIGGER journal_contenu_plein BEFORE TRUNCATE ON journal_contenu FOR EACH STATEMENT EXECUTE FUNCTION journal_refuser();
