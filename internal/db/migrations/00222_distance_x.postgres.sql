-- +goose Up

-- « à distance » dit désormais vrai de tous les moyens : SMS, FranceConnect, lettre. Le numéro d'un accord par SMS est scellé avec sa preuve, plus en clair ici.
ALTER TABLE mandat DROP CONSTRAINT mandat_methode_consentement_check;
ALTER TABLE mandat ADD CONSTRAINT mandat_methode_consentement_check CHECK (methode_consentement IN ('', 'LEGACY', 'SMS', 'FRANCECONNECT', 'COURRIER'));
-- +goose StatementBegin
DO $$
DECLARE nom text;
BEGIN
  SELECT c.conname INTO nom FROM pg_constraint c WHERE c.conrelid = 'mandat'::regclass AND c.contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '%telephone%';
  EXECUTE format('ALTER TABLE mandat DROP CONSTRAINT %I', nom);
END $$;
-- +goose StatementEnd
ALTER TABLE mandat ADD CONSTRAINT mandat_demande_check CHECK (methode_consentement NOT IN ('SMS', 'FRANCECONNECT', 'COURRIER') OR demande_consentement_id IS NOT NULL OR dossier_id IS NULL);
