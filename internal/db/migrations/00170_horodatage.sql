-- +goose Up
CREATE TABLE journal_horodatage ( -- dates certifiées par une autorité d'horodatage (RFC 3161) : ce point de contrôle existait à cet instant
    taille   bigint      NOT NULL PRIMARY KEY, -- point de contrôle daté : c'est l'empreinte de sa note, telle que signée, qui l'est
    reponse  bytea       NOT NULL, -- réponse de l'autorité, telle que reçue : elle se vérifie hors ligne
    instant  timestamptz NOT NULL, -- date certifiée
    autorite text        NOT NULL, -- nom que l'autorité porte dans son certificat
    date     timestamptz NOT NULL  -- réception
);
