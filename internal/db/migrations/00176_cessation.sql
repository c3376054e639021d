-- +goose Up
CREATE TABLE cessation ( -- fermeture d'une structure, ou transfert de ses mandats à une autre : demandé par une personne de l'équipe, approuvé par une autre, puis exécuté par lots (mandats.md 15, 16)
    id                 uuid PRIMARY KEY, -- UUIDv7 ; l'acte, le même dans le journal
    genre              text NOT NULL CHECK (genre IN ('fermeture', 'transfert')), -- lequel
    organisation_id    uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui ferme, ou que les mandats quittent
    cible_id           uuid REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui les continue ; NULL : une fermeture
    code               text NOT NULL DEFAULT '', -- code public du seul mandat à transférer ; vide : tous
    motif              text NOT NULL CHECK (motif IN ('cessation', 'retrait', 'demande', 'fusion', 'siret', 'reprise')), -- raison
    reference_chiffree bytea NOT NULL, -- ce qui le prouve (délibération, décision), chiffré ; le contexte est cet identifiant
    demandeur_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui demande
    date_creation      timestamptz NOT NULL, -- demande
    date_expiration    timestamptz NOT NULL, -- au-delà, il faut redemander
    issue              text NOT NULL DEFAULT '' CHECK (issue IN ('', 'approuve', 'refuse', 'expire')), -- vide : attend
    decideur_id        uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- la seconde personne
    date_issue         timestamptz, -- décision
    date_fin           timestamptz, -- tous les lots sont passés
    faits              bigint NOT NULL DEFAULT 0, -- mandats terminés ou transférés
    CHECK ((genre = 'transfert') = (cible_id IS NOT NULL)),
    CHECK (cible_id IS NULL OR cible_id <> organisation_id),
    CHECK (decideur_id IS NULL OR decideur_id <> demandeur_id),
    CHECK ((issue = '') = (date_issue IS NULL)),
    CHECK ((issue IN ('approuve', 'refuse')) = (decideur_id IS NOT NULL)),
    CHECK (date_fin IS NULL OR issue = 'approuve')
);
CREATE UNIQUE INDEX cessation_en_cours ON cessation (organisation_id) WHERE issue = '' OR issue = 'approuve' AND date_fin IS NULL;
CREATE INDEX cessation_cible ON cessation (cible_id);
CREATE INDEX cessation_demandeur ON cessation (demandeur_id);
CREATE INDEX cessation_decideur ON cessation (decideur_id);
CREATE INDEX cessation_recente ON cessation (date_creation, id);

CREATE TABLE cessation_echec ( -- mandat qu'un transfert n'a pas pu reprendre : il reste tel qu'il était
    cessation_id uuid NOT NULL REFERENCES cessation (id) ON DELETE RESTRICT, -- transfert
    mandat_id    uuid NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat
    raison       text NOT NULL CHECK (raison <> ''), -- mot du programme
    PRIMARY KEY (cessation_id, mandat_id)
);
CREATE INDEX cessation_echec_mandat ON cessation_echec (mandat_id);
