-- +goose Up

-- « à distance » dit désormais vrai de tous les moyens : SMS, FranceConnect, lettre. Le numéro d'un accord par SMS est scellé avec sa preuve, plus en clair ici.
-- SQLite ne change pas un CHECK : la définition est récrite, les lignes restent (sqlite.org/lang_altertable.html, § 8 : élargir un CHECK ne touche pas le fichier).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'methode_consentement IN ('''', ''LEGACY'', ''SMS''))', 'methode_consentement IN ('''', ''LEGACY'', ''SMS'', ''FRANCECONNECT'', ''COURRIER''))'),
    'CHECK (methode_consentement <> ''SMS'' OR (demande_consentement_id IS NOT NULL AND telephone <> ''''))', 'CHECK (methode_consentement NOT IN (''SMS'', ''FRANCECONNECT'', ''COURRIER'') OR demande_consentement_id IS NOT NULL OR dossier_id IS NULL)')
WHERE type = 'table' AND name = 'mandat';
PRAGMA writable_schema = RESET;
