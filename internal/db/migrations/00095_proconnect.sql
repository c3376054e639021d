-- +goose Up
CREATE TABLE proconnect_compte ( -- Comptes reliés à ProConnect, une fois, par leur titulaire (PC-02).
    issuer        text        NOT NULL, -- émetteur : une intégration ne vaut pas pour la production
    sub_empreinte bytea       NOT NULL, -- empreinte à clé du sub reçu de ProConnect ; le sub lui-même n'est pas gardé
    aidant_id     uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    date_creation timestamptz NOT NULL, -- instant de la confirmation
    PRIMARY KEY (issuer, sub_empreinte)
);
CREATE INDEX proconnect_compte_aidant ON proconnect_compte (aidant_id);

CREATE TABLE proconnect_session ( -- Ce qu'il faut pour fermer la session de ProConnect d'un navigateur (PC-06).
    temoin_empreinte bytea       NOT NULL PRIMARY KEY, -- empreinte à clé du témoin du navigateur
    jeton_chiffre    bytea       NOT NULL, -- jeton d'identité, chiffré ; retiré à la déconnexion
    date_limite      timestamptz NOT NULL -- fin de la session de ProConnect : douze heures
);
CREATE INDEX proconnect_session_echeance ON proconnect_session (date_limite);
