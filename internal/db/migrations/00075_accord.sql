-- +goose Up

CREATE TABLE accord_piece ( -- Preuve de l'accord d'un usager : signature à l'écran, copie du papier, certification, dialogue. Rien n'y change, sauf l'effacement du contenu et l'annulation d'une certification faite à tort.
    id                uuid        NOT NULL PRIMARY KEY, -- identifiant
    mandat_id         uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat prouvé
    genre             text        NOT NULL CHECK (genre IN ('signature_dessinee', 'signature_saisie', 'copie', 'certification', 'sms', 'franceconnect', 'code')), -- nature
    rang              bigint      NOT NULL CHECK (rang >= 1), -- page d'une copie ; 1 ailleurs
    type_contenu      text        NOT NULL, -- type du contenu (« image/jpeg »)
    taille            bigint      NOT NULL CHECK (taille > 0), -- octets du contenu en clair
    contenu_chiffre   bytea,                -- contenu chiffré ; NULL une fois effacé
    empreinte         bytea       NOT NULL, -- SHA-256 salé du contenu et de l'objet de l'accord : reste vraie après l'effacement
    aidant_id         uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a jointe ; NULL si la personne elle-même
    date_creation     timestamptz NOT NULL, -- recueil
    date_effacement   timestamptz,          -- effacement du contenu
    date_annulation   timestamptz,          -- certification reconnue fausse
    annulation_motif  text        NOT NULL CHECK (annulation_motif IN ('', 'erreur_de_mandat', 'signature_manquante', 'copie_illisible', 'autre')), -- pourquoi
    annulation_aidant_id uuid     REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a annulée
    UNIQUE (mandat_id, id),
    CHECK ((contenu_chiffre IS NULL) = (date_effacement IS NOT NULL)),
    CHECK ((date_annulation IS NULL) = (annulation_motif = '')),
    CHECK ((date_annulation IS NULL) = (annulation_aidant_id IS NULL))
);
CREATE INDEX accord_piece_mandat ON accord_piece (mandat_id, rang);
CREATE INDEX accord_piece_aidant ON accord_piece (aidant_id);
CREATE INDEX accord_piece_annulation ON accord_piece (annulation_aidant_id);

CREATE TABLE accord ( -- Accord de l'usager à un mandat : par quel moyen, sur quel texte exact, et jusqu'à quand le mandat peut servir. Sans ligne, sans limite : le mandat ne peut pas servir.
    mandat_id       uuid        NOT NULL PRIMARY KEY REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- copie du mandat, pour les listes
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- copie du mandat
    moyen           text        NOT NULL CHECK (moyen IN ('certification', 'ecran', 'papier', 'sms', 'franceconnect', 'courrier')), -- « certification » : mandats d'avant cette table
    presence        text        NOT NULL CHECK (presence IN ('present', 'telephone', 'absent')), -- où était l'usager
    texte_empreinte bytea       NOT NULL, -- texte exact de l'accord
    demarches       text        NOT NULL CHECK (demarches <> ''), -- clés triées
    duree           text        NOT NULL, -- mot-clé
    date_creation   timestamptz NOT NULL, -- instant de la signature du mandat
    date_expiration timestamptz NOT NULL, -- fin prévue du mandat
    date_grace      timestamptz,          -- papier : fin du délai que la structure s'accorde, s'il y en a un
    piece_id        uuid,                 -- preuve qui satisfait la règle
    limite          timestamptz,          -- jusqu'à quand le mandat peut servir ; NULL : il ne le peut pas
    rappels         bigint      NOT NULL DEFAULT 0, -- rappels envoyés pour la copie manquante
    FOREIGN KEY (mandat_id, piece_id) REFERENCES accord_piece (mandat_id, id) ON DELETE RESTRICT,
    CHECK (date_grace IS NULL OR moyen = 'papier'),
    CHECK (piece_id IS NULL OR limite = date_expiration),
    CHECK (limite IS NULL OR piece_id IS NOT NULL OR moyen = 'certification' OR (date_grace IS NOT NULL AND limite = date_grace)),
    CHECK (moyen <> 'certification' OR limite = date_expiration)
);
CREATE INDEX accord_a_completer ON accord (organisation_id, date_creation, mandat_id) WHERE piece_id IS NULL AND moyen = 'papier';
CREATE INDEX accord_usager ON accord (usager_id, organisation_id);

CREATE TABLE accord_reglage ( -- Réglage d'une structure : délai accordé pour joindre la copie signée d'un mandat sur papier.
    organisation_id uuid        NOT NULL PRIMARY KEY REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    grace_jours     bigint      NOT NULL CHECK (grace_jours >= 0 AND grace_jours <= 7), -- jours ; 0 : aucun délai
    aidant_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- référent qui l'a choisi
    date_maj        timestamptz NOT NULL -- quand
);
CREATE INDEX accord_reglage_aidant ON accord_reglage (aidant_id);

-- Les mandats signés avant cette règle gardent la leur : certification de l'aidant.
INSERT INTO accord (mandat_id, organisation_id, usager_id, moyen, presence, texte_empreinte, demarches, duree, date_creation, date_expiration, limite)
SELECT m.id, m.organisation_id, m.usager_id, 'certification', 'present', m.texte_empreinte,
    (SELECT string_agg(a.demarche, ',' ORDER BY a.demarche) FROM autorisation a WHERE a.mandat_id = m.id), m.duree, m.date_creation, m.date_expiration, m.date_expiration
FROM mandat m;

ALTER TABLE dossier_signature ADD COLUMN moyen text NOT NULL DEFAULT 'ecran' CHECK (moyen IN ('ecran', 'papier', 'sms', 'franceconnect', 'courrier')); -- par quel moyen la personne donnera son accord
ALTER TABLE dossier_signature ADD COLUMN presence text NOT NULL DEFAULT 'present' CHECK (presence IN ('present', 'telephone', 'absent')); -- où est la personne
