-- +goose Up
CREATE TABLE lien_connexion ( -- lien envoyé par courriel après un code juste
    id                   uuid PRIMARY KEY, -- UUIDv7
    aidant_id            uuid NOT NULL UNIQUE REFERENCES aidant (id) ON DELETE RESTRICT, -- un seul lien par compte
    cle_empreinte        bytea NOT NULL UNIQUE, -- empreinte à clé du secret du lien
    navigateur_empreinte bytea NOT NULL, -- empreinte du témoin du navigateur qui a demandé le lien
    suite                text NOT NULL, -- chemin à ouvrir ensuite, vide : l'accueil
    date_otp             timestamptz NOT NULL, -- instant du code accepté
    date_expiration      timestamptz NOT NULL -- au-delà, le lien ne sert plus
);
CREATE INDEX lien_connexion_expiration ON lien_connexion (date_expiration);

CREATE TABLE session_web ( -- session d'un navigateur ; son id ne change pas, son jeton change à chaque code (FC-06)
    id              uuid PRIMARY KEY, -- UUIDv7
    jeton_empreinte bytea NOT NULL UNIQUE, -- empreinte à clé du témoin
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure courante de cette session
    date_creation   timestamptz NOT NULL, -- ouverture
    date_expiration timestamptz NOT NULL, -- fin absolue, jamais repoussée
    date_otp        timestamptz NOT NULL, -- dernier second facteur accepté ici
    date_activite   timestamptz NOT NULL, -- dernière requête, à la minute près
    echecs          bigint NOT NULL -- codes faux de suite à la reprise
);
CREATE INDEX session_web_aidant ON session_web (aidant_id);
CREATE INDEX session_web_expiration ON session_web (date_expiration);

CREATE TABLE connexion_refusee ( -- essais sur une adresse sans compte ouvert, comptés comme les autres (A-W73)
    adresse_empreinte bytea PRIMARY KEY, -- empreinte à clé de l'adresse saisie
    nombre            bigint NOT NULL, -- essais
    date              timestamptz NOT NULL -- dernier essai
);
