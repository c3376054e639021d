-- +goose Up
CREATE TABLE aidant ( -- compte d'une personne qui se connecte : aidant, référent, ou les deux
    id                  uuid PRIMARY KEY, -- UUIDv7
    prenom              text NOT NULL CHECK (prenom <> ''), -- prénom affiché
    nom                 text NOT NULL CHECK (nom <> ''), -- nom affiché
    nom_tri             text NOT NULL, -- clé de tri : nom puis prénom
    email               text NOT NULL UNIQUE, -- adresse nominative, minuscules : identifiant de connexion
    profession          text NOT NULL, -- intitulé libre
    actif               boolean NOT NULL, -- faux : plus aucun accès, à l'instant
    habilite            boolean NOT NULL, -- peut conclure et utiliser des mandats
    referent_non_aidant boolean NOT NULL, -- référent sans droit de mandat
    date_creation       timestamptz NOT NULL, -- création du compte
    date_connexion      timestamptz, -- dernière connexion
    CHECK (NOT (referent_non_aidant AND habilite))
);

CREATE TABLE appartenance ( -- qui appartient à quelle structure, et quand (A-W60)
    id              uuid PRIMARY KEY, -- UUIDv7
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- personne
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    date_debut      timestamptz NOT NULL, -- début
    date_fin        timestamptz -- fin ; NULL : en cours
);
CREATE UNIQUE INDEX appartenance_en_cours ON appartenance (aidant_id, organisation_id) WHERE date_fin IS NULL;
CREATE INDEX appartenance_organisation ON appartenance (organisation_id);

CREATE TABLE referent ( -- qui est référent de quelle structure, et quand
    id              uuid PRIMARY KEY, -- UUIDv7
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- personne
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    date_debut      timestamptz NOT NULL, -- début
    date_fin        timestamptz -- fin ; NULL : en cours
);
CREATE UNIQUE INDEX referent_en_cours ON referent (aidant_id, organisation_id) WHERE date_fin IS NULL;

CREATE TABLE acceptation ( -- textes acceptés : CGU, chartes (A-W14)
    aidant_id uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- personne
    document  text NOT NULL, -- 'cgu'
    version   text NOT NULL, -- numéro de version
    empreinte text NOT NULL, -- SHA-256 hexadécimal du texte accepté
    date      timestamptz NOT NULL, -- instant de l'acceptation
    PRIMARY KEY (aidant_id, document, version)
);
