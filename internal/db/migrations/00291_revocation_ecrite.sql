-- +goose Up
CREATE TABLE revocation_ecrite ( -- révocation écrite par la personne à l'équipe du service, qui l'a enregistrée (CGU, article 7.2) ; une ligne par acte
    mandat_id    uuid  NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat touché
    operation_id uuid  NOT NULL, -- acte, celui de mandat_fin
    recue        text  NOT NULL CHECK (length(recue) = 10), -- jour où l'équipe a reçu la demande, AAAA-MM-JJ
    reference    bytea NOT NULL, -- référence de la demande dans les dossiers de l'exploitant, scellée
    PRIMARY KEY (mandat_id, operation_id),
    FOREIGN KEY (mandat_id, operation_id) REFERENCES mandat_fin (mandat_id, operation_id) ON DELETE RESTRICT
);
