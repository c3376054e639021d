-- +goose Up
CREATE TABLE usager ( -- personne aidée : le mandant
    id               uuid PRIMARY KEY, -- UUIDv7
    sub              text NOT NULL UNIQUE, -- identifiant stable donné à FranceConnect (FI-47), calculé une fois
    sub_fc_empreinte bytea NOT NULL UNIQUE, -- empreinte à clé du sub reçu de FranceConnect ; le sub lui-même n'est pas gardé
    version          bigint NOT NULL, -- version courante de l'identité
    date_creation    timestamptz NOT NULL -- première identification
);

CREATE TABLE identite ( -- versions de l'identité : jamais modifiées (M-W38)
    id                 uuid PRIMARY KEY, -- UUIDv7
    usager_id          uuid NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    version            bigint NOT NULL, -- 1, 2, 3…
    given_name         text NOT NULL CHECK (given_name <> ''), -- tous les prénoms, séparés par des espaces
    family_name        text NOT NULL CHECK (family_name <> ''), -- nom de naissance
    preferred_username text NOT NULL, -- nom d'usage, vide s'il n'y en a pas
    gender             text NOT NULL CHECK (gender IN ('female','male','unspecified','')), -- genre à l'état civil, vide s'il n'est pas transmis
    birthdate          text NOT NULL CHECK (length(birthdate) = 10), -- AAAA-MM-JJ, AAAA-MM-00 ou AAAA-00-00
    birthplace         text NOT NULL, -- code officiel géographique, vide si né à l'étranger
    birthcountry       text NOT NULL, -- code officiel géographique, 99100 pour la France
    email              text NOT NULL, -- adresse transmise par FranceConnect, vide s'il n'y en a pas
    nom_tri            text NOT NULL, -- clé de tri : nom affiché puis prénoms
    recherche_tri      text NOT NULL, -- clé de recherche : tous les noms
    date_creation      timestamptz NOT NULL, -- instant de la réception
    UNIQUE (usager_id, version)
);

CREATE TABLE usager_contact ( -- coordonnées qu'une structure tient d'une personne : jamais partagées entre structures (M-W38)
    organisation_id   uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    usager_id         uuid NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    email             text NOT NULL, -- adresse, vide si aucune
    telephone         text NOT NULL, -- E.164, vide si aucun
    date_modification timestamptz NOT NULL, -- dernier changement
    PRIMARY KEY (organisation_id, usager_id)
);
CREATE INDEX usager_contact_usager ON usager_contact (usager_id);
