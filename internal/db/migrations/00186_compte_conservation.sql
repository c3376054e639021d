-- +goose Up

ALTER TABLE aidant ADD COLUMN date_archive timestamptz; -- trois ans après le dernier contact : hors des listes de la structure
ALTER TABLE aidant ADD COLUMN date_effacement timestamptz; -- six ans après : la ligne reste, sans rien de la personne
CREATE INDEX aidant_conservation ON aidant (id) WHERE date_effacement IS NULL;

ALTER TABLE conservation_passage ADD COLUMN comptes bigint NOT NULL DEFAULT 0; -- comptes effacés
