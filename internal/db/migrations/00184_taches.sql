-- +goose Up

CREATE TABLE tache_echec ( -- Exécutions qui ont échoué, gardées quatre-vingt-dix jours : ce qu'on relit une fois les nouveaux essais passés.
    id     uuid        NOT NULL PRIMARY KEY, -- identifiant
    nom    text        NOT NULL, -- tâche
    debut  timestamptz, -- début
    fin    timestamptz NOT NULL, -- échec
    erreur text        NOT NULL -- cause, sans donnée personnelle
);
CREATE INDEX tache_echec_fin ON tache_echec (fin);

CREATE TABLE tache_relance ( -- Tâches relancées à la main : qui, pourquoi.
    id                uuid        NOT NULL PRIMARY KEY, -- identifiant
    nom               text        NOT NULL, -- tâche
    motif             text        NOT NULL CHECK (motif IN ('cause_reparee', 'essai', 'sans_attendre')), -- pourquoi
    auteur_id         uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- qui, en gestion ; NULL : la ligne de commande
    operateur_chiffre bytea, -- qui a tapé la commande, tel qu'il se nomme, chiffré ; le contexte est cet identifiant ; NULL : fait en gestion
    date              timestamptz NOT NULL, -- instant
    CHECK ((auteur_id IS NULL) = (operateur_chiffre IS NOT NULL))
);
CREATE INDEX tache_relance_date ON tache_relance (date);
CREATE INDEX tache_relance_auteur ON tache_relance (auteur_id);
