-- +goose Up

CREATE TABLE mandat_texte ( -- Textes du mandat : immuables, désignés par l'empreinte de leur contenu (mandats.md 11.1).
    empreinte     bytea       NOT NULL PRIMARY KEY, -- SHA-256 du texte, octet pour octet
    version       text        NOT NULL UNIQUE,      -- nom du fichier figé (« 2026-08-20 »)
    corps         text        NOT NULL,             -- le texte lui-même
    date_creation timestamptz NOT NULL              -- première fois que ce texte a servi
);

CREATE TABLE dossier_signature ( -- Dossier de signature : ligne de travail d'un mandat en préparation (mandats.md 3.4).
    id                         uuid        NOT NULL PRIMARY KEY, -- 128 bits aléatoires, jamais séquentiels
    type                       text        NOT NULL CHECK (type IN ('creation', 'renouvellement')), -- création ou renouvellement
    session_id                 uuid        NOT NULL, -- session web qui l'a ouvert (identifiant stable, FC-06)
    aidant_id                  uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- aidant qui l'a ouvert
    organisation_id            uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure au moment de l'ouverture
    demarches                  text        NOT NULL CHECK (demarches <> ''), -- clés triées, séparées par des virgules ; jamais interrogées
    duree                      text        NOT NULL CHECK (duree IN ('SHORT', 'MONTH', 'SEMESTER', 'LONG')), -- mot-clé de la durée
    texte_empreinte            bytea       NOT NULL REFERENCES mandat_texte (empreinte) ON DELETE RESTRICT, -- texte que l'usager va signer
    a_distance                 boolean     NOT NULL, -- mandat conclu à distance
    methode_consentement       text        NOT NULL CHECK (methode_consentement IN ('', 'LEGACY', 'SMS')), -- '' en présence
    telephone                  text        NOT NULL, -- E.164 de l'usager pour le dialogue par SMS, sinon vide
    demande_consentement_id    uuid,                 -- dialogue par SMS, s'il y en a un
    usager_id                  uuid        REFERENCES usager (id) ON DELETE RESTRICT, -- posé au retour de FranceConnect
    identite_id                uuid        REFERENCES identite (id) ON DELETE RESTRICT, -- version de l'identité reçue
    state_empreinte            bytea       UNIQUE,   -- empreinte du state de l'aller FranceConnect ; NULL hors de l'aller
    nonce_empreinte            bytea       UNIQUE,   -- empreinte du nonce
    authentification_empreinte bytea,                -- SHA-256 du jeton d'identité : référence de l'authentification
    id_token_chiffre           bytea,                -- jeton d'identité chiffré, jusqu'au retour de déconnexion ou 30 min (FS-18)
    id_token_date              timestamptz,          -- réception de ce jeton
    deconnexion                text        NOT NULL CHECK (deconnexion IN ('', 'demandee', 'confirmee', 'non_confirmee', 'impossible')), -- déconnexion de FranceConnect (FS-30 à FS-36)
    deconnexion_empreinte      bytea       UNIQUE,   -- empreinte du state de déconnexion
    avis                       text        NOT NULL, -- dernier avis fc.* à montrer, sinon vide
    avis_code                  text        NOT NULL, -- code FranceConnect qui l'accompagne (« Y… »)
    avis_numero                text        NOT NULL, -- numéro d'incident de FranceConnect, ou champs manquants
    statut                     text        NOT NULL CHECK (statut IN ('ouvert', 'attente_consentement', 'chez_franceconnect', 'pret', 'signe', 'refuse', 'abandonne', 'expire')), -- étape
    date_creation              timestamptz NOT NULL, -- ouverture
    date_statut                timestamptz NOT NULL, -- dernier changement d'étape
    date_limite                timestamptz NOT NULL, -- fin de l'étape en cours (mandats.md 18)
    CHECK (NOT a_distance OR methode_consentement <> ''),
    CHECK (methode_consentement <> 'SMS' OR (a_distance AND telephone <> '')),
    CHECK (statut <> 'chez_franceconnect' OR (state_empreinte IS NOT NULL AND nonce_empreinte IS NOT NULL)),
    CHECK (statut NOT IN ('pret', 'signe') OR (usager_id IS NOT NULL AND identite_id IS NOT NULL))
);
CREATE INDEX dossier_signature_echeance ON dossier_signature (date_limite) WHERE statut IN ('ouvert', 'attente_consentement', 'chez_franceconnect', 'pret');
CREATE INDEX dossier_signature_jeton ON dossier_signature (id_token_date) WHERE id_token_chiffre IS NOT NULL;
CREATE INDEX dossier_signature_session ON dossier_signature (session_id, date_creation);
CREATE INDEX dossier_signature_usager ON dossier_signature (usager_id);
CREATE INDEX dossier_signature_aidant ON dossier_signature (aidant_id, organisation_id);

CREATE TABLE mandat_relation ( -- Relation entre une structure et un usager : elle met en file deux signatures simultanées (mandats.md 3.6) et porte l'ordre et la recherche des listes.
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- usager qui a eu un mandat avec elle
    nom_tri         text        NOT NULL, -- clé de tri du nom affiché (usage, sinon naissance, puis prénoms)
    recherche_tri   text        NOT NULL, -- clé de recherche : noms, prénoms, date de naissance
    signatures      bigint      NOT NULL, -- nombre de mandats signés ; le modifier met les signatures en file
    date_maj        timestamptz NOT NULL, -- dernière signature
    PRIMARY KEY (organisation_id, usager_id)
);
CREATE UNIQUE INDEX mandat_relation_liste ON mandat_relation (organisation_id, nom_tri, usager_id);

CREATE TABLE mandat ( -- Mandat : contrat signé entre un usager et une structure (mandats.md 3.2). Rien n'y change après la signature, sauf le suivi du papier et le successeur.
    id                      uuid        NOT NULL PRIMARY KEY, -- identifiant
    organisation_id         uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- mandataire
    usager_id               uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- mandant
    aidant_id               uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- aidant qui a validé le récapitulatif
    dossier_id              uuid        UNIQUE REFERENCES dossier_signature (id) ON DELETE RESTRICT, -- dossier d'où il vient ; NULL s'il est importé
    date_creation           timestamptz NOT NULL, -- instant de la signature
    date_expiration         timestamptz NOT NULL, -- instant de la fin prévue
    duree                   text        NOT NULL CHECK (duree IN ('SHORT', 'MONTH', 'SEMESTER', 'LONG', 'EUS_03_20')), -- mot-clé
    jours                   bigint      NOT NULL, -- nombre de jours de ce mot-clé
    a_distance              boolean     NOT NULL, -- conclu à distance
    methode_consentement    text        NOT NULL CHECK (methode_consentement IN ('', 'LEGACY', 'SMS')), -- '' en présence
    telephone               text        NOT NULL, -- E.164 de l'usager confirmé par SMS, sinon vide
    demande_consentement_id uuid,                 -- dialogue par SMS
    preuve                  text        NOT NULL CHECK (preuve IN ('certification', 'sms', 'import')), -- nature de la preuve du consentement
    identite_id             uuid        NOT NULL REFERENCES identite (id) ON DELETE RESTRICT, -- version d'identité copiée ci-dessous
    given_name              text        NOT NULL CHECK (given_name <> ''), -- prénoms, tels qu'imprimés et transmis
    family_name             text        NOT NULL CHECK (family_name <> ''), -- nom de naissance
    preferred_username      text        NOT NULL, -- nom d'usage ou vide
    gender                  text        NOT NULL CHECK (gender IN ('female', 'male', 'unspecified', '')), -- sexe transmis
    birthdate               text        NOT NULL CHECK (length(birthdate) = 10), -- date de naissance, zéros si présumée
    birthplace              text        NOT NULL, -- code COG de la commune, vide si née à l'étranger
    birthcountry            text        NOT NULL, -- code COG du pays, parfois vide
    email                   text        NOT NULL, -- adresse électronique ou vide
    organisation_nom        text        NOT NULL, -- structure telle qu'imprimée : nom
    organisation_siret      text        NOT NULL, -- SIRET
    organisation_adresse    text        NOT NULL, -- rue
    organisation_code_postal text       NOT NULL, -- code postal
    organisation_ville      text        NOT NULL, -- ville
    issuer                  text        NOT NULL, -- FranceConnect qui a identifié l'usager (SIM-04)
    simulation              boolean     NOT NULL, -- cet émetteur est la simulation (SIM-03)
    texte_empreinte         bytea       NOT NULL REFERENCES mandat_texte (empreinte) ON DELETE RESTRICT, -- texte signé
    document_empreinte      bytea       NOT NULL, -- SHA-256 du document imprimable conservé
    signature               bytea       NOT NULL, -- signature Ed25519 de l'enregistrement canonique
    signature_kid           text        NOT NULL, -- clé qui a signé
    code_public             text        NOT NULL UNIQUE, -- code court de vérification
    papier_statut           text        NOT NULL CHECK (papier_statut IN ('non_signe', 'signe')), -- signature du papier
    papier_date             timestamptz, -- date de cette signature
    papier_aidant_id        uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a notée
    predecesseur_id         uuid        REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat renouvelé ou transféré
    successeur_id           uuid        REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat qui l'a entièrement remplacé
    UNIQUE (id, organisation_id, usager_id),
    CHECK (date_expiration > date_creation),
    CHECK (duree <> 'SHORT' OR jours = 1),
    CHECK (duree <> 'MONTH' OR jours = 31),
    CHECK (duree <> 'SEMESTER' OR jours = 182),
    CHECK (duree <> 'LONG' OR jours = 365),
    CHECK (jours >= 0 AND jours <= 365),
    CHECK (NOT a_distance OR methode_consentement <> ''),
    CHECK (methode_consentement <> 'SMS' OR (demande_consentement_id IS NOT NULL AND telephone <> '')),
    CHECK (papier_statut <> 'signe' OR (papier_date IS NOT NULL AND papier_aidant_id IS NOT NULL))
);
CREATE INDEX mandat_relation_mandats ON mandat (organisation_id, usager_id, date_expiration);
CREATE INDEX mandat_expiration ON mandat (date_expiration);
CREATE INDEX mandat_structure_expiration ON mandat (organisation_id, date_expiration);
CREATE INDEX mandat_usager ON mandat (usager_id);
CREATE INDEX mandat_aidant ON mandat (aidant_id);
CREATE INDEX mandat_issuer ON mandat (issuer);

CREATE TABLE mandat_document ( -- Document imprimable et enregistrement canonique, tels que signés, pour toujours.
    mandat_id      uuid  NOT NULL PRIMARY KEY REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat
    contenu        bytea NOT NULL, -- fragment HTML affiché et imprimé
    enregistrement bytea NOT NULL  -- JSON canonique signé (mandats.md 11.3)
);

CREATE TABLE mandat_fin ( -- Fin d'un mandat ou d'une partie : une ligne par acte et par mandat touché (Code civil, art. 2003). L'acte est désigné par son opération.
    mandat_id       uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat touché
    operation_id    uuid        NOT NULL, -- acte
    motif           text        NOT NULL CHECK (motif IN ('revoque_usager', 'renonciation', 'revoque_organisation', 'demarches_accomplies', 'expire', 'remplace', 'deces', 'protection', 'transfere', 'fermeture')), -- raison
    entier          boolean     NOT NULL, -- l'acte visait le mandat entier
    canal           text        NOT NULL CHECK (canal IN ('', 'oral', 'lettre', 'courriel', 'sms', 'espace')), -- par quel moyen la volonté a été dite
    aidant_id       uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- aidant qui l'a enregistrée ; NULL pour le système ou l'usager
    date_effet      timestamptz NOT NULL, -- instant où la fin prend effet
    date_connue     timestamptz NOT NULL, -- instant où elle a été connue ici (Code civil, art. 2008)
    PRIMARY KEY (mandat_id, operation_id)
);
CREATE INDEX mandat_fin_aidant ON mandat_fin (aidant_id);

CREATE TABLE autorisation ( -- Autorisation : une démarche d'un mandat (mandats.md 3.3).
    id               uuid        NOT NULL PRIMARY KEY, -- identifiant
    mandat_id        uuid        NOT NULL, -- mandat
    organisation_id  uuid        NOT NULL, -- copie du mandat, pour l'unicité
    usager_id        uuid        NOT NULL, -- copie du mandat, pour l'unicité
    demarche         text        NOT NULL CHECK (demarche IN ('papiers', 'famille', 'social', 'travail', 'logement', 'transports', 'argent', 'justice', 'etranger', 'loisirs')), -- clé
    date_expiration  timestamptz NOT NULL, -- copie du mandat, pour la fermeture
    fin              timestamptz, -- instant où elle a cessé ; NULL si ouverte
    fin_motif        text        CHECK (fin_motif IN ('revoque_usager', 'renonciation', 'revoque_organisation', 'demarches_accomplies', 'expire', 'remplace', 'deces', 'protection', 'transfere', 'fermeture')), -- raison, comme dans mandat_fin
    fin_connue       timestamptz, -- instant où la fin a été connue
    fin_operation_id uuid,        -- acte qui y a mis fin
    UNIQUE (mandat_id, demarche),
    FOREIGN KEY (mandat_id, organisation_id, usager_id) REFERENCES mandat (id, organisation_id, usager_id) ON DELETE RESTRICT,
    FOREIGN KEY (mandat_id, fin_operation_id) REFERENCES mandat_fin (mandat_id, operation_id) ON DELETE RESTRICT,
    CHECK ((fin IS NULL) = (fin_motif IS NULL)),
    CHECK ((fin IS NULL) = (fin_connue IS NULL)),
    CHECK ((fin IS NULL) = (fin_operation_id IS NULL))
);
-- Une seule autorisation ouverte par structure, usager et démarche (M-W10).
CREATE UNIQUE INDEX autorisation_vivante ON autorisation (organisation_id, usager_id, demarche) WHERE fin IS NULL;
CREATE INDEX autorisation_a_fermer ON autorisation (date_expiration) WHERE fin IS NULL;
-- Les pages où l'on choisit une personne se lisent dans cet index seul.
CREATE INDEX autorisation_usager ON autorisation (usager_id, organisation_id, date_expiration DESC, mandat_id, demarche) WHERE fin IS NULL;
CREATE INDEX autorisation_acte ON autorisation (fin_operation_id);
