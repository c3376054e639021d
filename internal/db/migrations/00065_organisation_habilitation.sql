-- +goose Up
ALTER TABLE organisation ADD COLUMN numero_habilitation text NOT NULL DEFAULT ''; -- numéro de la demande d'habilitation acceptée, vide s'il n'est pas connu
