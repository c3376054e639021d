-- +goose Up
-- Ce que amr dit à FranceConnect doit être vrai : un aidant peut s'être prouvé autrement que par un lien et un code.
ALTER TABLE dossier_utilisation ADD COLUMN moyen text NOT NULL DEFAULT 'code'; -- comment la session web de l'aidant a été prouvée, au moment du choix
