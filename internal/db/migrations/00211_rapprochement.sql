-- +goose Up
CREATE TABLE rapprochement ( -- Comparaisons quotidiennes du journal et des tables ; gardées un an.
    id     uuid        NOT NULL PRIMARY KEY, -- UUIDv7
    debut  timestamptz NOT NULL, -- début
    fin    timestamptz NOT NULL, -- fin
    ecarts bigint      NOT NULL CHECK (ecarts >= 0) -- sortes d'écart trouvées ; 0 : le journal et les tables disent la même chose
);
CREATE INDEX rapprochement_debut ON rapprochement (debut);

CREATE TABLE rapprochement_ecart ( -- Ce qu'une comparaison a trouvé : des nombres et un identifiant, aucun nom.
    rapprochement_id uuid   NOT NULL REFERENCES rapprochement (id) ON DELETE CASCADE, -- comparaison
    genre            text   NOT NULL CHECK (genre <> ''), -- sorte d'écart, mot du programme
    nombre           bigint NOT NULL CHECK (nombre > 0), -- combien
    exemple          text   NOT NULL, -- identifiant par où commencer
    PRIMARY KEY (rapprochement_id, genre)
);
