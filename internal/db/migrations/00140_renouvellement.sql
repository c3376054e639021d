-- +goose Up

CREATE TABLE renouvellement ( -- Mandats nés d'un renouvellement : d'où ils viennent, et combien se suivent sans que la personne se soit connectée avec FranceConnect.
    mandat_id       uuid        NOT NULL PRIMARY KEY REFERENCES mandat (id) ON DELETE RESTRICT, -- nouveau mandat
    predecesseur_id uuid        NOT NULL UNIQUE REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat renouvelé : une fois au plus
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- copie du mandat
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- copie du mandat
    rang            bigint      NOT NULL CHECK (rang >= 0), -- renouvellements qui se suivent sans connexion ; 0 : la personne s'est connectée pour celui-ci
    elargi          boolean     NOT NULL, -- plus de démarches, ou plus long, que le mandat renouvelé
    date_creation   timestamptz NOT NULL, -- instant de la signature
    CHECK (mandat_id <> predecesseur_id),
    CHECK (NOT elargi OR rang = 0)
);
CREATE INDEX renouvellement_relation ON renouvellement (usager_id, organisation_id, date_creation);
CREATE INDEX renouvellement_organisation ON renouvellement (organisation_id);

ALTER TABLE dossier_signature ADD COLUMN predecesseur_id uuid REFERENCES mandat (id) ON DELETE RESTRICT; -- mandat à renouveler ; NULL pour une création
CREATE INDEX dossier_signature_predecesseur ON dossier_signature (predecesseur_id) WHERE predecesseur_id IS NOT NULL;
CREATE INDEX mandat_predecesseur ON mandat (predecesseur_id) WHERE predecesseur_id IS NOT NULL;
CREATE INDEX mandat_successeur ON mandat (successeur_id) WHERE successeur_id IS NOT NULL;
