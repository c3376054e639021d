-- +goose Up

ALTER TABLE demande_accord ADD COLUMN lettre_empreinte bytea; -- SHA-256 de la lettre remise, quand la personne répond par un code
