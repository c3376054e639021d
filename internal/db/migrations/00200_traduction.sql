-- +goose Up

CREATE TABLE traduction_relecture ( -- Relectures des traductions du mandat : sans elle, une langue dont nous ne répondons pas n'est pas proposée. Une relecture retirée reste.
    id            uuid        NOT NULL PRIMARY KEY, -- identifiant
    langue        text        NOT NULL, -- code de la langue (« ar ») ; « simple » pour la version simple
    empreinte     text        NOT NULL, -- SHA-256 du texte relu : un texte changé est à relire
    relecteur     text        NOT NULL, -- qui l'a relu, affiché sous le texte
    qualite       text        NOT NULL CHECK (qualite IN ('assermente', 'locuteur', 'personnes_concernees')), -- en quelle qualité
    pose_par      uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a notée, dans l'équipe
    date_creation timestamptz NOT NULL, -- quand
    retire_par    uuid        REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a retirée
    date_retrait  timestamptz, -- retrait ; NULL : en vigueur
    CHECK ((date_retrait IS NULL) = (retire_par IS NULL))
);
CREATE UNIQUE INDEX traduction_relecture_en_vigueur ON traduction_relecture (langue, empreinte) WHERE date_retrait IS NULL;
CREATE INDEX traduction_relecture_pose ON traduction_relecture (pose_par);
CREATE INDEX traduction_relecture_retire ON traduction_relecture (retire_par);
