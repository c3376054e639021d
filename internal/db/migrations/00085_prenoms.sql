-- +goose Up
-- Ce que FranceConnect donne prénom par prénom (franceconnect.md 14) : « Jean Baptiste » peut n'en faire qu'un.
ALTER TABLE identite ADD COLUMN given_name_array text NOT NULL DEFAULT '[]'; -- prénoms un par un, tableau JSON de textes ; [] s'ils ne sont pas transmis
