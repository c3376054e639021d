-- +goose Up

CREATE TABLE acces_demande ( -- Demandes d'accès d'une personne à ses données (RGPD, art. 15) : le registre, sans copie de rien.
    id              uuid        NOT NULL PRIMARY KEY, -- identifiant
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    organisation_id uuid        REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui répond ; NULL : l'équipe du service, pour tout
    aidant_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a enregistrée, et peut seul lire la copie
    verification    text        NOT NULL CHECK (verification IN ('piece', 'lettre', 'mandataire')), -- comment l'identité a été vérifiée
    recue           text        NOT NULL CHECK (length(recue) = 10), -- jour de la demande ; la réponse est due un mois après
    date_creation   timestamptz NOT NULL, -- enregistrement ; la copie s'ouvre pendant un jour
    date_remise     timestamptz -- première copie donnée ; NULL : aucune
);
CREATE INDEX acces_demande_registre ON acces_demande (organisation_id, date_creation);
CREATE INDEX acces_demande_usager ON acces_demande (usager_id);
CREATE INDEX acces_demande_aidant ON acces_demande (aidant_id);
