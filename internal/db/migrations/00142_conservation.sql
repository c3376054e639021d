-- +goose Up

CREATE TABLE conservation_archive ( -- Mandats passés en archive intermédiaire : trois ans après leur fin, plus personne dans la structure ne les ouvre.
    mandat_id uuid        NOT NULL PRIMARY KEY REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat
    date      timestamptz NOT NULL -- passage en archive
);

CREATE TABLE conservation_gel ( -- Personnes dont rien n'est effacé, le temps d'une enquête ou d'un procès.
    id          uuid        NOT NULL PRIMARY KEY, -- identifiant
    usager_id   uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    motif       text        NOT NULL CHECK (motif IN ('enquete', 'contentieux', 'controle_cnil', 'demande_personne')), -- pourquoi
    pose_par    uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a posé, dans l'équipe
    date_debut  timestamptz NOT NULL, -- pose
    leve_par    uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a levé
    date_fin    timestamptz, -- levée ; NULL : en cours
    CHECK ((date_fin IS NULL) = (leve_par IS NULL))
);
CREATE UNIQUE INDEX conservation_gel_en_cours ON conservation_gel (usager_id) WHERE date_fin IS NULL;
CREATE INDEX conservation_gel_pose ON conservation_gel (pose_par);
CREATE INDEX conservation_gel_leve ON conservation_gel (leve_par);

CREATE TABLE conservation_passage ( -- Compte rendu de chaque passage de la conservation : des nombres, une empreinte, aucun nom.
    id        uuid        NOT NULL PRIMARY KEY, -- identifiant
    debut     timestamptz NOT NULL, -- début
    fin       timestamptz NOT NULL, -- fin
    archives  bigint      NOT NULL, -- mandats passés en archive
    mandats   bigint      NOT NULL, -- mandats effacés, avec leurs preuves
    usagers   bigint      NOT NULL, -- personnes effacées
    geles     bigint      NOT NULL, -- mandats échus que retient un gel
    echecs    bigint      NOT NULL, -- effacements qui n'ont pas abouti : rien n'en a été fait
    empreinte text        NOT NULL  -- SHA-256 des identifiants effacés, dans l'ordre ; vide s'il n'y en a pas
);
CREATE INDEX conservation_passage_date ON conservation_passage (debut);
