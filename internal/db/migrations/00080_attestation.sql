-- +goose Up

CREATE TABLE verification_consultation ( -- Consultations de la page publique de vérification d'un mandat, comptées par minute, sans rien de qui consulte (mandats.md 11.3).
    mandat_id uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat consulté
    minute    timestamptz NOT NULL, -- minute de la consultation
    objet     text        NOT NULL CHECK (objet IN ('lecture', 'nom_confirme', 'nom_non_confirme')), -- page lue, ou nom demandé et sa réponse
    nombre    bigint      NOT NULL CHECK (nombre > 0), -- combien de fois pendant cette minute
    PRIMARY KEY (mandat_id, minute, objet)
);
