-- +goose Up
-- Les listes d'une structure se lisent par clé, en un temps qui ne dépend pas de ce qu'elle contient : chaque personne porte ce que
-- chaque onglet montre d'elle, et jusqu'à quand c'est vrai. Au-delà, et pour les lignes d'avant, la liste relit les mandats.
ALTER TABLE mandat_relation ADD COLUMN actifs bigint NOT NULL DEFAULT 0; -- mandats de l'onglet « actifs », jusqu'à revoir
ALTER TABLE mandat_relation ADD COLUMN expires bigint NOT NULL DEFAULT 0; -- mandats de l'onglet « expirés »
ALTER TABLE mandat_relation ADD COLUMN revoques bigint NOT NULL DEFAULT 0; -- mandats de l'onglet « révoqués »
ALTER TABLE mandat_relation ADD COLUMN revoir timestamptz NOT NULL DEFAULT '1970-01-01T00:00:00.000Z'; -- dernier instant où ces comptes sont vrais : ensuite un mandat change d'onglet
CREATE INDEX mandat_relation_actifs ON mandat_relation (organisation_id, nom_tri, usager_id, revoir, actifs) WHERE actifs > 0;
CREATE INDEX mandat_relation_expires ON mandat_relation (organisation_id, nom_tri, usager_id, revoir, expires) WHERE expires > 0;
CREATE INDEX mandat_relation_revoques ON mandat_relation (organisation_id, nom_tri, usager_id, revoir, revoques) WHERE revoques > 0;
CREATE INDEX mandat_relation_a_revoir ON mandat_relation (revoir);
CREATE INDEX mandat_relation_structure_a_revoir ON mandat_relation (organisation_id, revoir);
-- Un index par nom de tout le monde ne sert plus, et ferait parcourir tout le monde.
DROP INDEX mandat_relation_liste;
-- Ce qui reste à recueillir sur papier, pour les mandats d'avant les accords.
CREATE INDEX accord_anterieur ON accord (organisation_id, mandat_id) WHERE moyen = 'certification';
