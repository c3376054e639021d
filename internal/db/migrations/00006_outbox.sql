-- +goose Up

-- Un message à un destinataire, écrit dans la transaction de l'acte qui le cause, envoyé après elle.
CREATE TABLE message (
    id               uuid PRIMARY KEY,               -- fait aussi l'en-tête Message-ID : le même à chaque essai
    cle              text NOT NULL UNIQUE,           -- clé d'unicité (événement, personne) : un acte rejoué n'écrit pas deux fois
    genre            text NOT NULL,                  -- modèle du message : E-01, E-41…
    canal            text NOT NULL DEFAULT 'courriel' CHECK (canal IN ('courriel', 'sms')), -- moyen d'envoi
    destinataire     bytea,                          -- adresse chiffrée (donnée personnelle) ; NULL une fois effacée
    sujet            bytea,                          -- objet chiffré ; NULL une fois effacé
    texte            bytea,                          -- texte chiffré (peut porter un lien secret) ; NULL une fois effacé
    statut           text NOT NULL DEFAULT 'en_file' CHECK (statut IN ('en_file', 'en_cours', 'envoye', 'echec')), -- où en est l'envoi
    porteur          text,                           -- envoi en cours : identifiant tiré au hasard ; NULL sinon
    essais           bigint NOT NULL DEFAULT 0,      -- nombre d'essais commencés
    doublons         bigint NOT NULL DEFAULT 0,      -- essais dont l'issue est inconnue : le destinataire a pu recevoir plusieurs fois
    prochain_essai   timestamptz NOT NULL,           -- quand essayer ; pendant un envoi : quand le tenir pour mort
    peremption       timestamptz,                    -- au-delà, le message n'a plus de sens et n'est pas envoyé
    date_creation    timestamptz NOT NULL,           -- instant de l'acte
    date_issue       timestamptz,                    -- instant de l'envoi ou de l'abandon
    date_effacement  timestamptz,                    -- instant où le contenu a été effacé (durées de conservation)
    erreur           text,                           -- nature de la dernière erreur, jamais le texte du serveur
    CHECK ((statut = 'en_cours') = (porteur IS NOT NULL)),
    CHECK ((statut IN ('envoye', 'echec')) = (date_issue IS NOT NULL)),
    CHECK ((date_effacement IS NULL) = (destinataire IS NOT NULL AND sujet IS NOT NULL AND texte IS NOT NULL)),
    CHECK (date_effacement IS NULL OR statut IN ('envoye', 'echec'))
);

CREATE INDEX message_a_envoyer ON message (prochain_essai) WHERE statut IN ('en_file', 'en_cours');
CREATE INDEX message_a_effacer ON message (date_issue) WHERE date_effacement IS NULL;
CREATE INDEX message_en_echec ON message (date_issue) WHERE statut = 'echec';
