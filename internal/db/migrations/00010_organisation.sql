-- +goose Up
CREATE TABLE organisation ( -- structure habilitée : le mandataire (Code civil, art. 1984)
    id            uuid PRIMARY KEY, -- UUIDv7
    nom           text NOT NULL CHECK (nom <> ''), -- nom d'usage de la structure
    nom_tri       text NOT NULL, -- clé de tri et de recherche
    siret         text NOT NULL UNIQUE, -- 14 chiffres
    adresse       text NOT NULL, -- numéro et voie
    code_postal   text NOT NULL, -- 5 caractères
    ville         text NOT NULL, -- commune
    active        boolean NOT NULL, -- faux : plus aucun acte possible
    interne       boolean NOT NULL, -- structure de l'équipe : exclue des statistiques publiques
    date_creation timestamptz NOT NULL -- instant de l'enregistrement
);

CREATE TABLE organisation_demarche ( -- périmètre : démarches que la structure peut proposer et utiliser
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    demarche        text NOT NULL CHECK (demarche IN ('papiers','famille','social','travail','logement','transports','argent','justice','etranger','loisirs')), -- clé de la démarche
    PRIMARY KEY (organisation_id, demarche)
);
