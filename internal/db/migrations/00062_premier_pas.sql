-- +goose Up
CREATE TABLE premier_pas ( -- ce que le chemin des premiers pas ne peut pas lire ailleurs ; une ligne s'efface quand la personne change d'avis
    aidant_id uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- personne
    etape     text NOT NULL CHECK (etape IN ('entrainement', 'masque')), -- entraînement fait au bac à sable ; chemin masqué
    date      timestamptz NOT NULL, -- quand elle l'a dit
    PRIMARY KEY (aidant_id, etape)
);
