-- +goose Up
CREATE TABLE limite ( -- combien chacun a demandé, pour tous les nœuds : un seau qui se remplit (comptes 5)
    cle    bytea PRIMARY KEY, -- empreinte à clé de la règle et de son sujet : compte, adresse réseau
    pleine bigint NOT NULL -- instant, en millisecondes, où le seau est de nouveau plein
);
CREATE INDEX limite_pleine ON limite (pleine);
