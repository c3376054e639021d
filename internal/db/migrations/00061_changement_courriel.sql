-- +goose Up
CREATE TABLE changement_courriel ( -- changement d'adresse demandé par son titulaire : confirmé à la nouvelle, annulable depuis l'ancienne pendant 7 jours
    id                     uuid PRIMARY KEY, -- UUIDv7
    aidant_id              uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- compte
    ancien                 text NOT NULL, -- adresse avant
    nouveau                text NOT NULL, -- adresse demandée
    confirmation_empreinte bytea NOT NULL UNIQUE, -- empreinte du secret envoyé à la nouvelle adresse
    annulation_empreinte   bytea NOT NULL UNIQUE, -- empreinte du secret envoyé à l'ancienne
    statut                 text NOT NULL CHECK (statut IN ('attente', 'applique', 'annule', 'remplace')), -- où en est le changement
    date_demande           timestamptz NOT NULL, -- demande ; la confirmation vaut 24 heures
    date_effet             timestamptz -- instant où la nouvelle adresse a servi d'identifiant ; l'annulation vaut 7 jours de plus
);
CREATE UNIQUE INDEX changement_courriel_attente ON changement_courriel (aidant_id) WHERE statut = 'attente';
CREATE INDEX changement_courriel_date ON changement_courriel (date_demande);
