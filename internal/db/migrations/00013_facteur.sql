-- +goose Up
CREATE TABLE facteur ( -- second facteur d'un compte : application ou carte à codes
    id                uuid PRIMARY KEY, -- UUIDv7
    aidant_id         uuid NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- titulaire
    genre             text NOT NULL CHECK (genre IN ('application','carte')), -- nature
    graine            bytea NOT NULL, -- secret TOTP chiffré ; le contexte est l'identifiant du facteur
    pas_secondes      bigint NOT NULL CHECK (pas_secondes IN (30, 60)), -- durée d'un code
    dernier_pas       bigint NOT NULL, -- dernier pas accepté : un code ne sert qu'une fois
    derive            bigint NOT NULL, -- avance (+) ou retard (-) apprise, en pas
    date_creation     timestamptz NOT NULL, -- enrôlement
    date_confirmation timestamptz -- premier code juste ; NULL : pas encore utilisable
);
CREATE INDEX facteur_aidant ON facteur (aidant_id);

CREATE TABLE facteur_essai ( -- délai après des codes faux, par compte (A-W8)
    aidant_id uuid PRIMARY KEY REFERENCES aidant (id) ON DELETE RESTRICT, -- compte
    echecs    bigint NOT NULL, -- échecs de suite
    prochain  timestamptz NOT NULL -- avant cet instant, tout code est refusé
);
