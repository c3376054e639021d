-- +goose Up
ALTER TABLE aidant ADD COLUMN telephone text NOT NULL DEFAULT ''; -- mobile professionnel, E.164 ; vide : aucun
ALTER TABLE aidant ADD COLUMN date_etat timestamptz; -- dernière fermeture ou réouverture ; NULL : jamais depuis la création
ALTER TABLE aidant ADD COLUMN motif_etat text NOT NULL DEFAULT '' CHECK (motif_etat IN ('', 'depart', 'fonctions', 'absence', 'demande', 'securite', 'erreur', 'inactivite', 'fermeture', 'autre')); -- pourquoi le compte est fermé ; vide : ouvert
ALTER TABLE aidant ADD COLUMN date_avertissement timestamptz; -- courriel annonçant la fermeture pour inactivité ; effacée par une connexion
ALTER TABLE aidant ADD COLUMN date_rappel timestamptz; -- dernier rappel « sans activité depuis 90 jours »
ALTER TABLE aidant ADD COLUMN relances boolean NOT NULL DEFAULT true; -- accepte les rappels d'activité
ALTER TABLE aidant ADD COLUMN nouveautes boolean NOT NULL DEFAULT true; -- accepte les nouvelles du service
