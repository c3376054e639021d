-- +goose Up
-- L'équipe corrige une adresse, associe et valide une carte ; ce que fait la ligne de commande dit qui et pourquoi.
ALTER TABLE acte_gestion RENAME TO acte_gestion_avant;
CREATE TABLE acte_gestion ( -- ce que l'équipe de l'exploitant a fait sur un compte ou un message, et pourquoi (A-W79)
    id                 uuid PRIMARY KEY, -- UUIDv7
    acte               text NOT NULL CHECK (acte IN ('desactivation', 'reactivation', 'rattachement', 'fin_rattachement', 'designation', 'fin_referent', 'habilitation', 'fin_habilitation', 'invitation', 'retrait_facteur', 'fermeture_sessions', 'don_role', 'retrait_role', 'relance', 'courriel', 'carte', 'validation_carte')), -- lequel
    aidant_id          uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- compte concerné ; NULL : un message
    message_id         uuid, -- message renvoyé ; NULL : un compte
    auteur_id          uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a fait ; NULL : la ligne de commande
    motif              text NOT NULL CHECK (motif IN ('demande', 'referent', 'habilitation', 'securite', 'erreur', 'autre', 'depart', 'fonctions', 'absence', 'fermeture', 'perte', 'casse', 'dysfonctionnement')), -- raison
    precision_chiffree bytea, -- ce que dit « autre », chiffré ; le contexte est cet identifiant
    date               timestamptz NOT NULL, -- instant
    operateur_chiffre  bytea, -- qui a tapé la commande, tel qu'il se nomme, chiffré ; le contexte est cet identifiant ; NULL : fait en gestion
    CHECK ((aidant_id IS NULL) <> (message_id IS NULL)),
    CHECK ((auteur_id IS NULL) = (operateur_chiffre IS NOT NULL))
);
INSERT INTO acte_gestion (id, acte, aidant_id, message_id, auteur_id, motif, precision_chiffree, date)
SELECT id, acte, aidant_id, message_id, auteur_id, motif, precision_chiffree, date FROM acte_gestion_avant;
DROP TABLE acte_gestion_avant;
CREATE INDEX acte_gestion_aidant ON acte_gestion (aidant_id, date);

ALTER TABLE accord_gestion RENAME TO accord_gestion_avant;
CREATE TABLE accord_gestion ( -- acte grave demandé par une personne de l'équipe, à approuver par une autre
    id                 uuid PRIMARY KEY, -- UUIDv7
    acte               text NOT NULL CHECK (acte IN ('reactivation', 'retrait_facteur', 'don_role', 'courriel')), -- lequel
    aidant_id          uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- compte concerné
    facteur_id         uuid, -- moyen de connexion à retirer ; NULL sinon
    role               text NOT NULL DEFAULT '' CHECK (role IN ('', 'admin_technique', 'admin_metier')), -- rôle à donner ; vide sinon
    motif              text NOT NULL, -- raison donnée par qui demande
    precision_chiffree bytea, -- ce que dit « autre », chiffré ; le contexte est cet identifiant
    demandeur_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui demande
    date_creation      timestamptz NOT NULL, -- demande
    date_expiration    timestamptz NOT NULL, -- au-delà, il faut redemander
    issue              text NOT NULL DEFAULT '' CHECK (issue IN ('', 'approuve', 'refuse', 'expire')), -- vide : attend
    decideur_id        uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- la seconde personne ; NULL : attend, ou expirée
    date_issue         timestamptz, -- décision ; NULL : attend
    adresse_chiffree   bytea, -- nouvelle adresse demandée, chiffrée ; le contexte est cet identifiant ; NULL : un autre acte
    CHECK (decideur_id IS NULL OR decideur_id <> demandeur_id AND decideur_id <> aidant_id),
    CHECK ((issue = '') = (date_issue IS NULL)),
    CHECK ((issue IN ('approuve', 'refuse')) = (decideur_id IS NOT NULL))
);
INSERT INTO accord_gestion (id, acte, aidant_id, facteur_id, role, motif, precision_chiffree, demandeur_id, date_creation, date_expiration, issue, decideur_id, date_issue)
SELECT id, acte, aidant_id, facteur_id, role, motif, precision_chiffree, demandeur_id, date_creation, date_expiration, issue, decideur_id, date_issue FROM accord_gestion_avant;
DROP TABLE accord_gestion_avant;
CREATE UNIQUE INDEX accord_gestion_en_cours ON accord_gestion (acte, aidant_id) WHERE issue = '';
