-- +goose Up
CREATE TABLE rattachement ( -- demande d'un référent : rattacher à sa structure un aidant déjà habilité ailleurs
    id              uuid PRIMARY KEY, -- UUIDv7
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui demande
    referent_id     uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- référent qui demande
    email           text NOT NULL, -- adresse saisie, en minuscules
    nouvel_email    text NOT NULL, -- adresse annoncée pour la suite, vide si elle ne change pas : l'aidant seul la change
    aidant_id       uuid REFERENCES aidant (id) ON DELETE RESTRICT, -- compte trouvé par la tâche ; NULL : aucun pour l'instant
    etat            text NOT NULL CHECK (etat IN ('demandee', 'confirmee', 'validee', 'refusee', 'annulee')), -- état
    reponse         text NOT NULL CHECK (reponse IN ('', 'oui', 'non')), -- réponse de l'aidant ; un non ne se voit qu'au terme
    motif           text NOT NULL CHECK (motif IN ('', 'sans_suite', 'gestion')), -- pourquoi elle est refusée
    date_creation   timestamptz NOT NULL, -- instant de la demande
    date_reponse    timestamptz, -- instant de la réponse de l'aidant
    date_fin        timestamptz -- instant où elle a été validée, refusée ou annulée
);
CREATE UNIQUE INDEX rattachement_en_cours ON rattachement (organisation_id, email) WHERE etat IN ('demandee', 'confirmee');
CREATE INDEX rattachement_aidant ON rattachement (aidant_id);
CREATE INDEX rattachement_a_traiter ON rattachement (etat, date_creation);

CREATE TABLE rattachement_depart ( -- structures que l'aidant choisit de quitter en acceptant un rattachement
    rattachement_id uuid NOT NULL REFERENCES rattachement (id) ON DELETE CASCADE, -- demande
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure quittée
    PRIMARY KEY (rattachement_id, organisation_id)
);

CREATE TABLE coreferent ( -- demande d'un co-référent qui ne sera pas aidant, décidée par l'exploitant
    id              uuid PRIMARY KEY, -- UUIDv7
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    referent_id     uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- référent qui demande
    prenom          text NOT NULL, -- de la personne proposée
    nom             text NOT NULL, -- de la personne proposée
    profession      text NOT NULL, -- de la personne proposée
    email           text NOT NULL, -- adresse nominative, minuscules
    telephone       text NOT NULL, -- mobile, E.164
    etat            text NOT NULL CHECK (etat IN ('demandee', 'validee', 'refusee', 'annulee')), -- état
    reponse         text NOT NULL, -- ce que l'exploitant répond au référent
    date_creation   timestamptz NOT NULL, -- instant de la demande
    date_fin        timestamptz -- instant de la décision
);
CREATE UNIQUE INDEX coreferent_en_cours ON coreferent (organisation_id, email) WHERE etat = 'demandee';
CREATE INDEX coreferent_a_traiter ON coreferent (etat, date_creation);

CREATE TABLE correction_structure ( -- correction du nom ou de l'adresse d'une structure, proposée par son référent
    id              uuid PRIMARY KEY, -- UUIDv7
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    referent_id     uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- référent qui propose
    nom             text NOT NULL, -- nom proposé
    adresse         text NOT NULL, -- numéro et voie proposés
    code_postal     text NOT NULL, -- proposé
    ville           text NOT NULL, -- proposée
    etat            text NOT NULL CHECK (etat IN ('demandee', 'validee', 'refusee', 'annulee')), -- état
    reponse         text NOT NULL, -- ce que l'exploitant répond au référent
    date_creation   timestamptz NOT NULL, -- instant de la proposition
    date_fin        timestamptz -- instant de la décision
);
CREATE UNIQUE INDEX correction_en_cours ON correction_structure (organisation_id) WHERE etat = 'demandee';
CREATE INDEX correction_a_traiter ON correction_structure (etat, date_creation);

CREATE TABLE ajout_brouillon ( -- ce qu'un référent saisit en ajoutant des personnes, gardé d'une page à l'autre
    aidant_id       uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- référent
    organisation_id uuid NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    jeton           uuid NOT NULL, -- change à chaque saisie : une page ancienne ne confirme pas la nouvelle
    contenu         bytea NOT NULL, -- saisie chiffrée
    date_maj        timestamptz NOT NULL, -- dernière saisie ; au-delà d'un jour, effacé
    PRIMARY KEY (aidant_id, organisation_id)
);
CREATE INDEX ajout_brouillon_maj ON ajout_brouillon (date_maj);
