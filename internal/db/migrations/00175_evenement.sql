-- +goose Up
CREATE TABLE evenement_usager ( -- décès ou mesure de protection d'une personne, noté par une structure : la loi met fin à ses mandats (Code civil, art. 2003)
    id              uuid PRIMARY KEY, -- l'acte ; le même dans le journal
    usager_id       uuid NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui l'a noté
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a noté
    motif           text NOT NULL CHECK (motif IN ('deces', 'protection')), -- nature
    source          text NOT NULL CHECK (source IN ('proche', 'acte', 'representant', 'service')), -- comment la structure l'a su
    date_effet      timestamptz NOT NULL, -- quand c'est arrivé
    date_connue     timestamptz NOT NULL, -- quand la structure l'a noté (Code civil, art. 2008)
    statut          text NOT NULL CHECK (statut IN ('signale', 'etendu', 'ecarte', 'annule')), -- étendu : vérifié par l'équipe, il vaut pour toutes les structures ; écarté : il ne vaut que pour celle-ci
    verification    text NOT NULL DEFAULT '' CHECK (verification IN ('', 'acte', 'registre', 'representant', 'non_confirme', 'autre_personne', 'erreur', 'levee')), -- comment l'équipe l'a vérifié, ou pourquoi il est écarté ou annulé
    decideur_id     uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- qui a décidé ; NULL : personne encore
    date_decision   timestamptz, -- quand
    CHECK ((statut = 'signale') = (date_decision IS NULL)),
    CHECK ((date_decision IS NULL) = (decideur_id IS NULL)),
    CHECK ((date_decision IS NULL) = (verification = ''))
);
CREATE UNIQUE INDEX evenement_usager_ouvert ON evenement_usager (usager_id, organisation_id, motif) WHERE statut <> 'annule';
CREATE INDEX evenement_usager_a_verifier ON evenement_usager (date_connue, id) WHERE statut = 'signale';
CREATE INDEX evenement_usager_organisation ON evenement_usager (organisation_id);
CREATE INDEX evenement_usager_aidant ON evenement_usager (aidant_id);
CREATE INDEX evenement_usager_decideur ON evenement_usager (decideur_id);
