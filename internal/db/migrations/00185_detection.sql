-- +goose Up

CREATE TABLE detection_signalement ( -- Ce qui sort de l'ordinaire, relevé chaque nuit : des nombres, une structure, parfois un aidant ; jamais une personne aidée. Gardé un an.
    id              uuid        NOT NULL PRIMARY KEY, -- identifiant
    regle           text        NOT NULL CHECK (regle IN ('rafale_mandats', 'rafale_usages', 'hors_horaires', 'contact_partage', 'hors_norme')), -- ce qui était cherché
    organisation_id uuid        NOT NULL REFERENCES organisation (id) ON DELETE RESTRICT, -- structure
    aidant_id       uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- aidant ; NULL : la structure entière
    sujet           text        NOT NULL, -- le même en texte, ou vide : une ligne par règle, sujet et période
    periode         text        NOT NULL, -- jour ou mois de Paris
    valeur          bigint      NOT NULL, -- ce qui a été compté
    reference       bigint      NOT NULL, -- ce à quoi c'est comparé : seuil ou médiane
    date_creation   timestamptz NOT NULL, -- relevé
    vu_referent     uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- référent qui l'a vu
    date_referent   timestamptz, -- quand
    vu_gestion      uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- personne de l'équipe qui l'a vu
    date_gestion    timestamptz, -- quand
    UNIQUE (regle, organisation_id, sujet, periode)
);
CREATE INDEX detection_signalement_structure ON detection_signalement (organisation_id, date_creation);
CREATE INDEX detection_signalement_date ON detection_signalement (date_creation);
CREATE INDEX detection_signalement_aidant ON detection_signalement (aidant_id);
CREATE INDEX detection_signalement_vu_referent ON detection_signalement (vu_referent);
CREATE INDEX detection_signalement_vu_gestion ON detection_signalement (vu_gestion);

-- La détection lit les jours passés, un par un.
CREATE INDEX mandat_creation ON mandat (date_creation);
CREATE INDEX usage_mandat_date ON usage_mandat (date);
