-- +goose Up

CREATE TABLE rappel_echeance ( -- Mandats longs dont la fin prochaine a été annoncée : une fois à la structure, une fois à la personne.
    mandat_id       uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat
    cible           text        NOT NULL CHECK (cible IN ('structure', 'usager')), -- à qui : les aidants de la structure, ou la personne aidée
    date_expiration timestamptz NOT NULL, -- fin annoncée : celle du mandat
    messages        bigint      NOT NULL CHECK (messages >= 0), -- messages mis en file ; 0 si la personne n'a pas d'adresse
    date            timestamptz NOT NULL, -- annonce
    PRIMARY KEY (mandat_id, cible)
);
