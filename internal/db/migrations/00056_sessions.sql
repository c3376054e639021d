-- +goose Up
CREATE TABLE appareil ( -- navigateur où une personne s'est déjà connectée, par compte : le même témoin peut servir à plusieurs
    id                uuid PRIMARY KEY, -- UUIDv7
    aidant_id         uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    temoin_empreinte  bytea NOT NULL, -- empreinte à clé du témoin du navigateur
    navigateur        text NOT NULL, -- ce qu'il dit être, en mots : « Firefox sur Windows »
    alerte_empreinte  bytea UNIQUE, -- empreinte du lien « ce n'est pas moi » du courriel E-41 ; NULL : plus de lien
    date_creation     timestamptz NOT NULL, -- première connexion
    date_connexion    timestamptz NOT NULL, -- dernière connexion
    date_expiration   timestamptz NOT NULL, -- oublié à cette date : un an après la dernière connexion
    UNIQUE (aidant_id, temoin_empreinte)
);
CREATE INDEX appareil_expiration ON appareil (date_expiration);

ALTER TABLE session_web ADD COLUMN appareil_id uuid REFERENCES appareil (id) ON DELETE RESTRICT; -- navigateur ; NULL : session d'avant
ALTER TABLE session_web ADD COLUMN navigateur text NOT NULL DEFAULT ''; -- navigateur, en mots
ALTER TABLE session_web ADD COLUMN droits text NOT NULL DEFAULT ''; -- droits connus de cette session : s'ils changent, le témoin change (A-W77)
CREATE INDEX session_web_appareil ON session_web (appareil_id);

ALTER TABLE lien_connexion ADD COLUMN code_empreinte bytea; -- empreinte à clé du code court du courriel
ALTER TABLE lien_connexion ADD COLUMN moyen text NOT NULL DEFAULT 'code' CHECK (moyen IN ('code', 'secours')); -- nature du code accepté
ALTER TABLE lien_connexion ADD COLUMN essais bigint NOT NULL DEFAULT 0; -- codes courts faux
CREATE INDEX lien_connexion_navigateur ON lien_connexion (navigateur_empreinte);

CREATE TABLE empreinte_connexion ( -- historique des connexions d'un compte, gardé 12 mois (A-W24)
    id               uuid PRIMARY KEY, -- UUIDv7
    aidant_id        uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    date             timestamptz NOT NULL, -- instant
    moyen            text NOT NULL CHECK (moyen IN ('code', 'secours', 'cle', 'proconnect', 'premiere')), -- comment
    navigateur       text NOT NULL, -- navigateur, en mots
    reseau_empreinte bytea NOT NULL, -- empreinte à clé de l'adresse réseau : se compare, ne se lit pas
    nouveau          boolean NOT NULL -- navigateur jamais vu pour ce compte
);
CREATE INDEX empreinte_connexion_aidant ON empreinte_connexion (aidant_id, date);
CREATE INDEX empreinte_connexion_date ON empreinte_connexion (date);
