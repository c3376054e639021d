-- +goose Up

CREATE TABLE requete_tenue ( -- Demande OpenID validée, tenue pendant que l'aidant choisit (FI-15) : au plus cinq par session web, dix minutes.
    id            uuid        NOT NULL PRIMARY KEY, -- 128 bits au hasard, portés par les formulaires : deux onglets ne se mélangent pas
    session_id    uuid        NOT NULL, -- session web (identifiant stable, FC-06)
    parametres    text        NOT NULL, -- demande validée, en JSON ; jamais interrogée
    date_creation timestamptz NOT NULL, -- arrivée de la demande, avant la connexion de l'aidant s'il a dû se connecter
    date_limite   timestamptz NOT NULL  -- au-delà, il faut recommencer
);
CREATE INDEX requete_tenue_session ON requete_tenue (session_id, date_creation);
CREATE INDEX requete_tenue_echeance ON requete_tenue (date_limite);

CREATE TABLE dossier_utilisation ( -- Utilisation d'une autorisation par FranceConnect, étape par étape (mandats.md 3.5).
    id              uuid        NOT NULL PRIMARY KEY, -- celui de la requête tenue : 128 bits au hasard
    session_id      uuid        NOT NULL, -- session web qui l'a ouvert
    aidant_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- aidant qui l'a ouvert : un collègue ne peut pas le finir
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure, fixée à l'ouverture
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne choisie
    operation_id    uuid        NOT NULL UNIQUE, -- acte : lie le journal et le suivi
    client_id       text        NOT NULL, -- client qui a demandé
    redirect_uri    text        NOT NULL, -- adresse de cette demande, pas une autre du client
    scope           text        NOT NULL, -- portées connues, séparées par une espace
    rep_scope       text        NOT NULL, -- périmètres demandés : clés séparées par une virgule, ou « * » sans limite
    nonce           text        NOT NULL, -- recopié dans le jeton d'identité ; effacé à la fin
    code_challenge  text        NOT NULL, -- défi PKCE S256 ou vide
    autorisation_id uuid        REFERENCES autorisation (id) ON DELETE RESTRICT, -- posée avec la démarche
    mandat_id       uuid        REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat de l'autorisation
    demarche        text        CHECK (demarche IN ('papiers','famille','social','travail','logement','transports','argent','justice','etranger','loisirs')), -- démarche choisie
    presence        text        CHECK (presence IN ('present','telephone','absent')), -- l'usager était-il là
    date_otp        timestamptz, -- dernier second facteur de l'aidant : auth_time
    code_empreinte  bytea,       -- empreinte à clé du code ; effacée à la fin
    jeton_empreinte bytea,       -- empreinte à clé du jeton d'accès ; effacée à la fin
    jeton_echeance  timestamptz, -- fin du jeton d'accès
    at_hash         text,        -- celui du jeton d'identité : retrouve l'utilisation à la déconnexion ; effacé à la fin
    statut          text        NOT NULL CHECK (statut IN ('usager_choisi', 'demarche_choisie', 'code_echange', 'servi', 'clos', 'expire', 'refuse')), -- étape
    motif           text        NOT NULL, -- pourquoi refusé ou expiré, sinon vide
    date_creation   timestamptz NOT NULL, -- choix de la personne
    date_statut     timestamptz NOT NULL, -- dernier changement d'étape
    date_limite     timestamptz NOT NULL, -- fin de l'étape en cours
    CHECK (statut <> 'refuse' OR motif <> ''),
    CHECK (statut NOT IN ('demarche_choisie', 'code_echange', 'servi')
        OR (autorisation_id IS NOT NULL AND mandat_id IS NOT NULL AND demarche IS NOT NULL AND presence IS NOT NULL AND date_otp IS NOT NULL AND code_empreinte IS NOT NULL)),
    CHECK (statut NOT IN ('code_echange', 'servi') OR (jeton_empreinte IS NOT NULL AND jeton_echeance IS NOT NULL AND at_hash IS NOT NULL)),
    CHECK (statut NOT IN ('clos', 'expire', 'refuse') OR (code_empreinte IS NULL AND jeton_empreinte IS NULL AND at_hash IS NULL AND nonce = '' AND code_challenge = ''))
);
CREATE UNIQUE INDEX dossier_utilisation_code ON dossier_utilisation (code_empreinte) WHERE code_empreinte IS NOT NULL;
CREATE UNIQUE INDEX dossier_utilisation_jeton ON dossier_utilisation (jeton_empreinte) WHERE jeton_empreinte IS NOT NULL;
CREATE UNIQUE INDEX dossier_utilisation_at_hash ON dossier_utilisation (at_hash) WHERE at_hash IS NOT NULL;
CREATE INDEX dossier_utilisation_echeance ON dossier_utilisation (date_limite) WHERE statut IN ('usager_choisi', 'demarche_choisie', 'code_echange', 'servi');
CREATE INDEX dossier_utilisation_aidant ON dossier_utilisation (aidant_id, date_creation);
CREATE INDEX dossier_utilisation_session ON dossier_utilisation (session_id, date_creation);
CREATE INDEX dossier_utilisation_fini ON dossier_utilisation (date_statut) WHERE statut IN ('clos', 'expire', 'refuse');
