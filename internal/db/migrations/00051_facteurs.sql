-- +goose Up
CREATE TABLE carte ( -- stock de cartes à codes ; une carte est à une personne par la ligne de facteur qui la nomme
    id                uuid PRIMARY KEY, -- UUIDv7
    numero_serie      text NOT NULL UNIQUE, -- numéro imprimé sur la carte
    graine            bytea NOT NULL, -- secret TOTP chiffré ; le contexte est l'identifiant de la carte
    en_service        boolean NOT NULL, -- faux : hors service, ne peut plus être liée
    date_creation     timestamptz NOT NULL, -- premier import
    date_modification timestamptz NOT NULL -- dernier changement du secret ou de l'état
);

ALTER TABLE facteur ADD COLUMN carte_id uuid REFERENCES carte (id) ON DELETE RESTRICT; -- la carte du stock ; NULL pour une application
ALTER TABLE facteur ADD COLUMN nom text NOT NULL DEFAULT ''; -- nom que la personne lui donne ; vide : aucun
ALTER TABLE facteur ADD COLUMN calage bigint NOT NULL DEFAULT 0; -- écart fixé par la dernière resynchronisation, en pas
ALTER TABLE facteur ADD COLUMN date_usage timestamptz; -- dernier code accepté
CREATE UNIQUE INDEX facteur_carte ON facteur (carte_id) WHERE carte_id IS NOT NULL;
CREATE UNIQUE INDEX facteur_une_carte ON facteur (aidant_id) WHERE genre = 'carte';

ALTER TABLE facteur_essai ADD COLUMN date_avis timestamptz; -- dernier courriel E-42
ALTER TABLE facteur_essai ADD COLUMN resync_nombre bigint NOT NULL DEFAULT 0; -- resynchronisations essayées depuis resync_debut
ALTER TABLE facteur_essai ADD COLUMN resync_debut timestamptz; -- début de l'heure comptée

CREATE TABLE facteur_cle ( -- clé d'accès ou clé de sécurité (WebAuthn)
    id            uuid PRIMARY KEY, -- UUIDv7
    aidant_id     uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    identifiant   bytea NOT NULL UNIQUE, -- identifiant de la clé, donné par l'appareil
    cle_publique  bytea NOT NULL, -- clé publique, format COSE : rien de secret
    compteur      bigint NOT NULL, -- dernier compteur de signatures vu ; 0 : l'appareil n'en tient pas
    aaguid        bytea NOT NULL, -- modèle de l'appareil, souvent nul
    transports    text NOT NULL, -- comment le navigateur l'atteint, séparés par des virgules
    sauvegardable boolean NOT NULL, -- peut être copiée sur d'autres appareils de la personne
    sauvegardee   boolean NOT NULL, -- l'est à la dernière preuve
    nom           text NOT NULL, -- nom que la personne lui donne ; vide : aucun
    date_creation timestamptz NOT NULL, -- ajout
    date_usage    timestamptz -- dernière preuve acceptée
);
CREATE INDEX facteur_cle_aidant ON facteur_cle (aidant_id);

CREATE TABLE facteur_defi ( -- défi WebAuthn, à usage unique, cinq minutes
    id              uuid PRIMARY KEY, -- 128 bits au hasard
    aidant_id       uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- compte attendu ; NULL : connexion d'un compte pas encore connu
    ajout           boolean NOT NULL, -- vrai : pour ajouter une clé ; faux : pour prouver qu'on en a une
    donnees         bytea NOT NULL, -- défi et exigences, en JSON : rien de secret
    options         bytea NOT NULL, -- ce que la page donne au navigateur, en JSON
    date_expiration timestamptz NOT NULL -- au-delà, le défi ne sert plus
);
CREATE INDEX facteur_defi_expiration ON facteur_defi (date_expiration);

CREATE TABLE facteur_attente ( -- application en cours d'ajout par son titulaire : un secret à la fois (A-W12)
    id              uuid PRIMARY KEY, -- UUIDv7
    aidant_id       uuid NOT NULL UNIQUE REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    graine          bytea NOT NULL, -- secret proposé, chiffré ; le contexte est cet identifiant
    date_expiration timestamptz NOT NULL -- au-delà, il faut recommencer
);

CREATE TABLE facteur_secours ( -- codes de secours imprimables, chacun pour une fois ; la ligne part quand il sert
    id              uuid PRIMARY KEY, -- UUIDv7
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    code_empreinte  bytea NOT NULL UNIQUE, -- empreinte à clé du titulaire et du code
    date_creation   timestamptz NOT NULL, -- création
    date_expiration timestamptz NOT NULL -- au-delà, le code ne sert plus
);
CREATE INDEX facteur_secours_aidant ON facteur_secours (aidant_id);

CREATE TABLE facteur_invitation ( -- invitation à enrôler une application : une par compte, un usage, 24 heures
    id                   uuid PRIMARY KEY, -- UUIDv7
    aidant_id            uuid NOT NULL UNIQUE REFERENCES aidant (id) ON DELETE RESTRICT, -- la personne invitée
    lien_empreinte       bytea NOT NULL UNIQUE, -- empreinte à clé du secret du lien, envoyé par courriel
    code_empreinte       bytea NOT NULL, -- empreinte à clé du code d'activation, donné de vive voix
    essais               bigint NOT NULL, -- codes d'activation faux
    graine               bytea, -- secret proposé, chiffré, une fois le code donné ; le contexte est cet identifiant
    navigateur_empreinte bytea, -- empreinte du témoin du navigateur qui a donné le code
    date_expiration      timestamptz NOT NULL -- au-delà, le lien ne sert plus
);
CREATE INDEX facteur_invitation_expiration ON facteur_invitation (date_expiration);

CREATE TABLE facteur_retrait ( -- facteurs retirés : lequel, quand, par qui, pourquoi (A-W79)
    id         uuid PRIMARY KEY, -- identifiant du facteur retiré
    aidant_id  uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    genre      text NOT NULL CHECK (genre IN ('application','carte','passkey')), -- nature
    motif      text NOT NULL CHECK (motif IN ('perte','casse','dysfonctionnement','depart','erreur','autre')), -- raison
    precision_chiffree bytea, -- ce que dit « autre », chiffré ; le contexte est cet identifiant
    auteur_id  uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a retiré ; NULL : une commande de l'exploitant
    date       timestamptz NOT NULL -- retrait
);
CREATE INDEX facteur_retrait_aidant ON facteur_retrait (aidant_id);
