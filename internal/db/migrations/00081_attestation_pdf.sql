-- +goose Up

ALTER TABLE mandat_document ADD COLUMN pdf bytea; -- PDF balisé avec l'enregistrement signé en pièce jointe, tel qu'il a été fait à la signature ; NULL pour les mandats d'avant
