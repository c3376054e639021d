-- +goose Up

CREATE TABLE journal_origine ( -- Nom du journal, fixé au premier démarrage : une seule ligne, jamais changée.
    id            bigint      NOT NULL PRIMARY KEY CHECK (id = 1), -- toujours 1
    origine       text        NOT NULL CHECK (origine <> ''), -- première ligne de chaque point de contrôle, et nom de la clé qui signe
    date_creation timestamptz NOT NULL -- premier démarrage
);

CREATE TABLE journal_ligne ( -- Lignes du journal (mandats.md 17) : insérées dans la transaction de l'acte, sans numéro ; ni modifiées, ni supprimées.
    id                 uuid        NOT NULL PRIMARY KEY, -- identifiant, ordonné par le temps
    version            bigint      NOT NULL, -- version du calcul de l'entrée
    instant            timestamptz NOT NULL, -- instant de la transaction
    action             text        NOT NULL, -- mot-clé de l'action
    initiateur         text        NOT NULL, -- qui agit : aidant, referent, admin, usager, systeme, franceconnect, sms
    aidant             text,       -- pseudonyme du professionnel qui agit
    concerne           text,       -- pseudonyme de l'autre professionnel de l'acte : celui dont c'est la carte, celui qui approuve
    usager             text,       -- pseudonyme de l'usager
    organisation_id    uuid,       -- structure (celle du mandat, s'il y en a un)
    mandat_id          uuid,       -- mandat
    autorisation_id    uuid,       -- autorisation
    operation_id       uuid,       -- acte qui a écrit la ligne avec d'autres
    session_empreinte  bytea,      -- empreinte à clé de la session web
    sel                bytea       NOT NULL, -- sel de l'entrée, 32 octets
    contenu_empreinte  bytea       NOT NULL, -- SHA-256 du sel du contenu et du contenu
    entree             bytea       NOT NULL  -- les 32 octets qui entrent dans l'arbre
);
CREATE INDEX journal_ligne_organisation ON journal_ligne (organisation_id, id) WHERE organisation_id IS NOT NULL;
CREATE INDEX journal_ligne_mandat ON journal_ligne (mandat_id, id) WHERE mandat_id IS NOT NULL;
CREATE INDEX journal_ligne_usager ON journal_ligne (usager, id) WHERE usager IS NOT NULL;

CREATE TABLE journal_contenu ( -- Faits typés de chaque ligne : seule la conservation peut les supprimer, sans toucher aux preuves.
    ligne_id uuid  NOT NULL PRIMARY KEY, -- ligne
    sel      bytea NOT NULL, -- sel du contenu, 32 octets, effacé avec lui
    contenu  text  NOT NULL  -- JSON canonique
);

CREATE TABLE journal_attente ( -- Lignes validées qui attendent leur rang : file de travail du séquenceur.
    ligne_id uuid NOT NULL PRIMARY KEY -- ligne
);

CREATE TABLE journal_rang ( -- Rang de chaque ligne dans l'arbre : de 0 à n-1 sans trou, jamais modifié.
    rang     bigint NOT NULL PRIMARY KEY, -- numéro de la feuille
    ligne_id uuid   NOT NULL UNIQUE, -- ligne
    entree   bytea  NOT NULL -- copie des 32 octets de la ligne
);

CREATE TABLE journal_noeud ( -- Empreintes de l'arbre de Merkle (RFC 6962), dans l'ordre de Crosby et Wallach.
    indice    bigint NOT NULL PRIMARY KEY, -- position : feuilles et nœuds complets, de 0 sans trou
    empreinte bytea  NOT NULL -- 32 octets
);

CREATE TABLE journal_point ( -- Points de contrôle signés (C2SP tlog-checkpoint), un par lot numéroté.
    taille  bigint      NOT NULL PRIMARY KEY, -- nombre de feuilles
    racine  bytea       NOT NULL, -- racine de l'arbre de cette taille
    note    text        NOT NULL, -- texte signé
    instant timestamptz NOT NULL  -- instant de la signature
);

CREATE TABLE journal_pseudonyme ( -- Clé de pseudonyme de chaque personne : la supprimer rend ses lignes inattribuables (mandats.md 16).
    personne_empreinte bytea       NOT NULL PRIMARY KEY, -- empreinte à clé du genre et de l'identifiant
    genre              text        NOT NULL CHECK (genre IN ('aidant', 'usager')), -- professionnel ou usager
    cle                bytea       NOT NULL, -- 32 octets au hasard, chiffrés
    date_creation      timestamptz NOT NULL  -- première ligne qui la concerne
);
