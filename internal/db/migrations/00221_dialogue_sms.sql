-- +goose Up

CREATE TABLE dialogue_sms ( -- Accord demandé par SMS (mandats.md 13) : deux messages, une réponse. Une ligne par demande d'accord par SMS.
    demande_id        uuid        NOT NULL PRIMARY KEY REFERENCES demande_accord (id) ON DELETE RESTRICT, -- demande d'accord
    dossier_id        uuid        NOT NULL REFERENCES dossier_signature (id) ON DELETE RESTRICT, -- mandat en préparation
    organisation_id   uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    aidant_id         uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui demande
    usager_id         uuid        REFERENCES usager (id) ON DELETE RESTRICT, -- à qui, quand on le sait
    texte_empreinte   bytea       NOT NULL, -- texte exact du mandat
    demarches         text        NOT NULL CHECK (demarches <> ''), -- clés triées
    duree             text        NOT NULL CHECK (duree IN ('SHORT', 'MONTH', 'SEMESTER', 'LONG')), -- mot-clé
    jours             bigint      NOT NULL CHECK (jours > 0), -- jours de cette durée
    numero_empreinte  bytea,                -- empreinte à clé du numéro : c'est lui, et lui seul, qui répond ; NULL une fois oublié
    statut            text        NOT NULL CHECK (statut IN ('recapitulatif', 'question', 'accord', 'refus', 'arret', 'clos')), -- étape
    relances          bigint      NOT NULL DEFAULT 0 CHECK (relances >= 0), -- messages envoyés pour une réponse sans effet
    contredit         boolean     NOT NULL, -- un NON est venu après l'accord
    mandat_id         uuid        REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat signé avec cet accord
    date_creation     timestamptz NOT NULL, -- premier message mis en file
    date_statut       timestamptz NOT NULL, -- dernier changement d'étape
    date_limite       timestamptz NOT NULL, -- fin du temps laissé pour répondre
    CHECK (statut NOT IN ('recapitulatif', 'question') OR numero_empreinte IS NOT NULL)
);
CREATE INDEX dialogue_sms_dossier ON dialogue_sms (dossier_id);
CREATE INDEX dialogue_sms_numero ON dialogue_sms (numero_empreinte);
CREATE INDEX dialogue_sms_echeance ON dialogue_sms (date_limite) WHERE numero_empreinte IS NOT NULL;
CREATE INDEX dialogue_sms_usager ON dialogue_sms (usager_id);
CREATE INDEX dialogue_sms_mandat ON dialogue_sms (mandat_id);
CREATE INDEX dialogue_sms_organisation ON dialogue_sms (organisation_id);
CREATE INDEX dialogue_sms_aidant ON dialogue_sms (aidant_id);

CREATE TABLE texto ( -- Message d'un accord par SMS, envoyé ou reçu, tel quel et scellé avec ce sur quoi il porte.
    id              uuid        NOT NULL PRIMARY KEY, -- identifiant
    demande_id      uuid        NOT NULL REFERENCES dialogue_sms (demande_id) ON DELETE RESTRICT, -- dialogue
    cle             text        NOT NULL UNIQUE, -- envoyé : clé de la file des messages ; reçu : empreinte du nom que le prestataire lui donne, pour ne le lire qu'une fois
    sens            text        NOT NULL CHECK (sens IN ('envoye', 'recu')), -- vers la personne, ou d'elle
    role            text        NOT NULL CHECK (role IN ('recapitulatif', 'question', 'recu', 'relance', 'lien', 'reponse')), -- à quoi il sert
    lecture         text        NOT NULL CHECK (lecture IN ('', 'oui', 'non', 'stop', 'autre')), -- reçu : comment il se lit
    effet           text        NOT NULL CHECK (effet IN ('', 'consent', 'refuse', 'revoque', 'redemander', 'contredire', 'tard', 'arret')), -- reçu : ce qu'il a fait ; vide : rien
    contenu_chiffre bytea,                -- numéro et texte, chiffrés ; NULL une fois repris par la preuve du mandat, ou effacés
    empreinte       bytea       NOT NULL, -- empreinte salée du contenu et de l'objet de l'accord
    reference       text        NOT NULL, -- nom que le prestataire donne au message ; vide : aucun, ou pas encore
    date_creation   timestamptz NOT NULL, -- mis en file, ou reçu
    date_accepte    timestamptz,          -- envoyé : le prestataire l'a accepté
    CHECK (sens = 'recu' OR lecture = '' AND effet = ''),
    CHECK (sens = 'envoye' OR date_accepte IS NULL)
);
CREATE INDEX texto_dialogue ON texto (demande_id, date_creation, id);
CREATE INDEX texto_a_constater ON texto (date_creation) WHERE sens = 'envoye' AND date_accepte IS NULL;
