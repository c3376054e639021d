-- +goose Up
CREATE TABLE importation ( -- fichiers que l'équipe de l'exploitant fait entrer : un essai d'abord, puis l'acte, une seule fois
    id                 uuid        PRIMARY KEY, -- UUIDv7
    genre              text        NOT NULL CHECK (genre IN ('cartes', 'personnes')), -- ce que contient le fichier
    etat               text        NOT NULL CHECK (etat IN ('essai', 'faite', 'abandonnee')), -- essai : rien n'est encore changé
    auteur_id          uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui importe ; lui seul confirme
    contenu_chiffre    bytea, -- le fichier, chiffré ; le contexte est cet identifiant ; NULL dès que l'essai est fini
    rapport_chiffre    bytea, -- ce qui est, ou serait, fait de chaque ligne, chiffré ; le contexte est cet identifiant ; NULL : effacé
    ajouts             bigint      NOT NULL CHECK (ajouts >= 0), -- lignes qui ajoutent
    modifications      bigint      NOT NULL CHECK (modifications >= 0), -- lignes qui changent ce qui existe
    inchangees         bigint      NOT NULL CHECK (inchangees >= 0), -- lignes déjà en place
    refusees           bigint      NOT NULL CHECK (refusees >= 0), -- lignes refusées, laissées de côté
    motif              text        NOT NULL DEFAULT '' CHECK (motif IN ('', 'livraison', 'habilitation', 'reprise', 'erreur', 'autre')), -- raison ; vide : pas encore dite
    precision_chiffree bytea, -- ce que dit « autre », chiffré ; le contexte est cet identifiant
    date_creation      timestamptz NOT NULL, -- essai
    date_fin           timestamptz, -- import fait ou abandonné ; NULL : essai
    CHECK ((etat = 'essai') = (date_fin IS NULL)),
    CHECK (etat = 'essai' OR contenu_chiffre IS NULL),
    CHECK ((etat = 'faite') = (motif <> ''))
);
CREATE INDEX importation_date ON importation (date_creation);
