-- +goose Up
ALTER TABLE appareil ADD COLUMN echecs bigint NOT NULL DEFAULT 0; -- codes faux de suite depuis ce navigateur connu
ALTER TABLE appareil ADD COLUMN prochain timestamptz; -- avant cet instant, tout code de ce navigateur est refusé ; NULL : aucun délai
ALTER TABLE appareil ADD COLUMN date_avis timestamptz; -- dernier courriel E-42 dû à ce navigateur
ALTER TABLE session_web ADD COLUMN tunnel_remis boolean NOT NULL DEFAULT false; -- « Faire plus tard » : cette session ne propose plus d'ajouter un moyen de connexion

CREATE TABLE premiere_connexion ( -- première connexion d'un référent sans moyen de connexion : une à la fois par compte
    aidant_id       uuid PRIMARY KEY REFERENCES aidant (id) ON DELETE RESTRICT, -- compte
    lien_empreinte  bytea NOT NULL UNIQUE, -- empreinte à clé du secret du lien envoyé par courriel
    code_empreinte  bytea NOT NULL, -- empreinte à clé du lien et du code envoyé par SMS
    essais          bigint NOT NULL, -- codes faux
    date_expiration timestamptz NOT NULL -- trente minutes après la demande
);
CREATE INDEX premiere_connexion_expiration ON premiere_connexion (date_expiration);
