-- +goose Up

ALTER TABLE message ADD COLUMN reference text NOT NULL DEFAULT ''; -- SMS : nom que le prestataire donne au message ; vide : aucun
ALTER TABLE message ADD COLUMN livraison text NOT NULL DEFAULT '' CHECK (livraison IN ('', 'remis', 'non_remis')); -- SMS : ce que le prestataire dit de la remise ; vide : rien encore
ALTER TABLE message ADD COLUMN date_livraison timestamptz; -- instant de ce que dit le prestataire ; NULL : rien encore

CREATE INDEX message_sms ON message (date_creation) WHERE canal = 'sms';
CREATE INDEX message_reference ON message (reference) WHERE reference <> '';
