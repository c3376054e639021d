-- +goose Up

CREATE TABLE usage_mandat ( -- Ce qui a été fait sous un mandat : base du compte rendu à l'usager (Code civil, art. 1993). Jamais modifié.
    operation_id    uuid        NOT NULL PRIMARY KEY, -- acte : le même que dans le journal, une seule ligne par utilisation
    date            timestamptz NOT NULL, -- instant de l'utilisation
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure qui tient le mandat
    aidant_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui a agi
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- au nom de qui
    mandat_id       uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat utilisé
    autorisation_id uuid        NOT NULL REFERENCES autorisation (id) ON DELETE RESTRICT, -- autorisation utilisée
    demarche        text        NOT NULL CHECK (demarche IN ('papiers','famille','social','travail','logement','transports','argent','justice','etranger','loisirs')), -- démarche
    presence        text        NOT NULL CHECK (presence IN ('present','telephone','absent')) -- l'usager était-il là (modèle CNIL)
);
CREATE INDEX usage_mandat_usager ON usage_mandat (organisation_id, usager_id, date);
CREATE INDEX usage_mandat_mandat ON usage_mandat (mandat_id);
CREATE INDEX usage_mandat_aidant ON usage_mandat (aidant_id, date);

CREATE TABLE usage_recent ( -- Dernière aide apportée à chaque personne par chaque structure : ordre de la page de choix.
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    usager_id       uuid        NOT NULL REFERENCES usager (id) ON DELETE RESTRICT, -- personne
    date            timestamptz NOT NULL, -- dernière utilisation
    PRIMARY KEY (organisation_id, usager_id)
);
CREATE UNIQUE INDEX usage_recent_ordre ON usage_recent (organisation_id, date, usager_id);
