-- +goose Up
CREATE TABLE journal_temoin ( -- témoins qui contresignent notre journal : ce que chacun a vu en dernier
    nom    text        NOT NULL PRIMARY KEY, -- nom de la clé du témoin
    taille bigint      NOT NULL, -- taille du dernier point de contrôle qu'il a contresigné
    date   timestamptz, -- instant de sa dernière réponse juste ; NULL : aucune
    echec  text        NOT NULL, -- sorte du dernier échec ; vide : aucun depuis
    date_echec timestamptz -- instant du dernier échec
);

CREATE TABLE journal_cosignature ( -- contresignatures reçues des témoins
    taille bigint      NOT NULL, -- point de contrôle contresigné
    nom    text        NOT NULL, -- témoin
    ligne  text        NOT NULL, -- ligne de la note, telle que le témoin l'a donnée
    date   timestamptz NOT NULL, -- réception
    PRIMARY KEY (taille, nom)
);

CREATE TABLE temoin_journal ( -- journaux d'autres exploitants dont nous sommes témoin : le dernier point contresigné
    origine text        NOT NULL PRIMARY KEY, -- nom de l'autre journal
    taille  bigint      NOT NULL, -- taille contresignée : ne recule jamais
    racine  bytea       NOT NULL, -- racine contresignée
    note    text        NOT NULL, -- point de contrôle reçu, signé par son journal : la preuve s'il en montre un autre
    date    timestamptz NOT NULL  -- instant de la contresignature
);
