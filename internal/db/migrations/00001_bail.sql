-- +goose Up

-- Les baux : qui fait, en ce moment, un travail qu'un seul nœud doit faire.
CREATE TABLE bail (
    nom      text        NOT NULL PRIMARY KEY, -- le travail
    porteur  text        NOT NULL,             -- le nœud qui le fait
    echeance timestamptz NOT NULL              -- après, un autre peut le prendre
);
