-- +goose Up

CREATE TABLE demande_accord ( -- Demande d'accord envoyée à une personne qui n'est pas dans la pièce (mandats.md 13). Une ligne par demande ; redemander en crée une autre.
    id                uuid        NOT NULL PRIMARY KEY, -- identifiant
    dossier_id        uuid        NOT NULL REFERENCES dossier_signature (id) ON DELETE RESTRICT, -- mandat en préparation
    organisation_id   uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    aidant_id         uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui demande
    attendu_id        uuid        REFERENCES usager (id) ON DELETE RESTRICT, -- pour qui la demande est faite, quand on le sait : personne d'autre ne peut y répondre
    usager_id         uuid        REFERENCES usager (id) ON DELETE RESTRICT, -- qui s'est connecté ; avant, la personne attendue
    identite_id       uuid        REFERENCES identite (id) ON DELETE RESTRICT, -- version de l'identité reçue ou reprise
    moyen             text        NOT NULL CHECK (moyen IN ('franceconnect', 'sms', 'courrier')), -- comment la personne répond
    presence          text        NOT NULL CHECK (presence IN ('telephone', 'absent')), -- où est la personne
    texte_empreinte   bytea       NOT NULL, -- texte exact
    demarches         text        NOT NULL CHECK (demarches <> ''), -- clés triées
    duree             text        NOT NULL CHECK (duree IN ('SHORT', 'MONTH', 'SEMESTER', 'LONG')), -- mot-clé
    voie              text        NOT NULL CHECK (voie IN ('courriel', 'sms', 'courrier')), -- comment la demande part
    contact_chiffre   bytea,                -- adresse ou numéro, chiffré ; NULL une fois effacé, ou pour une lettre
    contact_empreinte bytea,                -- empreinte à clé du contact : limites, réponses par SMS ; effacée avec lui
    lien_empreinte    bytea       UNIQUE,   -- empreinte du secret du lien ; NULL sans lien, ou une fois la demande finie
    code_empreinte    bytea       UNIQUE,   -- empreinte du code court, ou du code de la lettre
    essais            bigint      NOT NULL DEFAULT 0 CHECK (essais >= 0), -- codes de lettre refusés
    navigateur_empreinte bytea    UNIQUE,   -- empreinte du témoin du navigateur où la personne lit
    state_empreinte   bytea       UNIQUE,   -- aller FranceConnect en cours
    nonce_empreinte   bytea       UNIQUE,   -- son nonce
    state_limite      timestamptz,          -- fin de cet aller
    deconnexion_empreinte bytea   UNIQUE,   -- state de la déconnexion demandée à FranceConnect
    deconnexion       text        NOT NULL DEFAULT '' CHECK (deconnexion IN ('', 'demandee', 'confirmee', 'impossible')), -- déconnexion de FranceConnect sur l'appareil de la personne
    authentification_empreinte bytea,       -- SHA-256 du jeton d'identité
    avis              text        NOT NULL DEFAULT '', -- dernier échec à dire (fc.*, autre_personne), sinon vide
    avis_code         text        NOT NULL DEFAULT '', -- code FranceConnect qui l'accompagne
    avis_numero       text        NOT NULL DEFAULT '', -- numéro d'incident, ou champs manquants
    statut            text        NOT NULL CHECK (statut IN ('envoyee', 'ouverte', 'identifiee', 'accordee', 'refusee', 'annulee', 'expiree', 'conclue')), -- étape
    piece_id          uuid,                 -- preuve scellée au moment de l'accord, reprise telle quelle à la signature
    piece_genre       text        NOT NULL DEFAULT '' CHECK (piece_genre IN ('', 'franceconnect', 'sms', 'code')), -- nature de la preuve
    piece_type        text        NOT NULL DEFAULT '', -- type du contenu
    piece_taille      bigint      NOT NULL DEFAULT 0, -- octets en clair
    piece_chiffre     bytea,                -- contenu chiffré ; NULL une fois repris par le mandat, ou effacé
    piece_empreinte   bytea,                -- empreinte salée du contenu et de l'objet
    mandat_id         uuid        UNIQUE REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat signé avec cet accord
    date_creation     timestamptz NOT NULL, -- envoi de la demande
    date_lecture      timestamptz,          -- la personne dit avoir lu
    date_statut       timestamptz NOT NULL, -- dernier changement d'étape
    date_limite       timestamptz NOT NULL, -- fin du temps laissé pour répondre
    CHECK (statut NOT IN ('identifiee', 'accordee') OR moyen <> 'franceconnect' OR (usager_id IS NOT NULL AND identite_id IS NOT NULL AND authentification_empreinte IS NOT NULL)),
    CHECK (statut <> 'accordee' OR (piece_id IS NOT NULL AND piece_chiffre IS NOT NULL AND piece_empreinte IS NOT NULL AND usager_id IS NOT NULL)),
    CHECK (statut <> 'conclue' OR piece_empreinte IS NOT NULL),
    CHECK ((contact_chiffre IS NULL) = (contact_empreinte IS NULL))
);
-- Une seule demande vivante par mandat en préparation.
CREATE UNIQUE INDEX demande_accord_vivante ON demande_accord (dossier_id) WHERE statut IN ('envoyee', 'ouverte', 'identifiee', 'accordee');
CREATE INDEX demande_accord_dossier ON demande_accord (dossier_id, date_creation);
CREATE INDEX demande_accord_echeance ON demande_accord (date_limite) WHERE statut IN ('envoyee', 'ouverte', 'identifiee', 'accordee');
CREATE INDEX demande_accord_contact ON demande_accord (contact_empreinte);
CREATE INDEX demande_accord_usager ON demande_accord (usager_id, organisation_id);
CREATE INDEX demande_accord_attendu ON demande_accord (attendu_id);
CREATE INDEX demande_accord_aidant ON demande_accord (aidant_id, organisation_id, date_creation);
CREATE INDEX demande_accord_organisation ON demande_accord (organisation_id);
CREATE INDEX demande_accord_identite ON demande_accord (identite_id);
