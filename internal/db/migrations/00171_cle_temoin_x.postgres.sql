-- +goose Up
-- Qui est témoin d'autres journaux a une clé de plus.
ALTER TABLE cle_signature DROP CONSTRAINT cle_signature_usage_check;
ALTER TABLE cle_signature ADD CONSTRAINT cle_signature_usage_check CHECK (usage IN ('fi_es256', 'fi_rs256', 'attestation', 'journal', 'temoin'));
