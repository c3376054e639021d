-- +goose Up
CREATE TABLE acte_gestion ( -- ce que l'équipe de l'exploitant a fait sur un compte ou un message, et pourquoi (A-W79)
    id                 uuid PRIMARY KEY, -- UUIDv7
    acte               text NOT NULL CHECK (acte IN ('desactivation', 'reactivation', 'rattachement', 'fin_rattachement', 'designation', 'fin_referent', 'habilitation', 'fin_habilitation', 'invitation', 'retrait_facteur', 'fermeture_sessions', 'don_role', 'retrait_role', 'relance')), -- lequel
    aidant_id          uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- compte concerné ; NULL : un message
    message_id         uuid, -- message renvoyé ; NULL : un compte
    auteur_id          uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a fait
    motif              text NOT NULL CHECK (motif IN ('demande', 'referent', 'habilitation', 'securite', 'erreur', 'autre', 'depart', 'fonctions', 'absence', 'fermeture', 'perte', 'casse', 'dysfonctionnement')), -- raison
    precision_chiffree bytea, -- ce que dit « autre », chiffré ; le contexte est cet identifiant
    date               timestamptz NOT NULL, -- instant
    CHECK ((aidant_id IS NULL) <> (message_id IS NULL))
);
CREATE INDEX acte_gestion_aidant ON acte_gestion (aidant_id, date);

CREATE TABLE accord_gestion ( -- acte grave demandé par une personne de l'équipe, à approuver par une autre
    id                 uuid PRIMARY KEY, -- UUIDv7
    acte               text NOT NULL CHECK (acte IN ('reactivation', 'retrait_facteur', 'don_role')), -- lequel
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
    CHECK (decideur_id IS NULL OR decideur_id <> demandeur_id AND decideur_id <> aidant_id),
    CHECK ((issue = '') = (date_issue IS NULL)),
    CHECK ((issue IN ('approuve', 'refuse')) = (decideur_id IS NOT NULL))
);
CREATE UNIQUE INDEX accord_gestion_en_cours ON accord_gestion (acte, aidant_id) WHERE issue = '';
