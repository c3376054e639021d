-- +goose Up
CREATE TABLE certificat_fin ( -- certificat de la fin d'un mandat ou d'une de ses démarches, tel qu'il a été scellé ; jamais refait (mandats.md 9, 11)
    code_public     text PRIMARY KEY, -- code imprimé, sans tirets, comme celui d'un mandat
    mandat_id       uuid        NOT NULL REFERENCES mandat (id) ON DELETE RESTRICT, -- mandat terminé
    autorisation_id uuid        REFERENCES autorisation (id) ON DELETE RESTRICT, -- démarche terminée seule ; NULL : le mandat entier
    date_creation   timestamptz NOT NULL, -- quand il a été scellé
    contenu         bytea       NOT NULL, -- document affiché (HTML), tel qu'il a été signé
    enregistrement  bytea       NOT NULL, -- enregistrement canonique (JSON), signé
    signature       bytea       NOT NULL, -- Ed25519 de l'enregistrement
    signature_kid   text        NOT NULL, -- clé du service qui a signé
    pdf             bytea       NOT NULL  -- PDF balisé avec l'enregistrement en pièce jointe, et le sceau de l'exploitant s'il en a un
);
CREATE UNIQUE INDEX certificat_fin_mandat ON certificat_fin (mandat_id) WHERE autorisation_id IS NULL;
CREATE UNIQUE INDEX certificat_fin_autorisation ON certificat_fin (autorisation_id) WHERE autorisation_id IS NOT NULL;
CREATE INDEX certificat_fin_de_mandat ON certificat_fin (mandat_id);
CREATE INDEX mandat_fin_connue ON mandat_fin (date_connue);
