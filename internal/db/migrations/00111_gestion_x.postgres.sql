-- +goose Up
-- L'équipe corrige une adresse, associe et valide une carte ; ce que fait la ligne de commande dit qui et pourquoi.
ALTER TABLE acte_gestion DROP CONSTRAINT acte_gestion_acte_check;
ALTER TABLE acte_gestion ADD CONSTRAINT acte_gestion_acte_check CHECK (acte IN ('desactivation', 'reactivation', 'rattachement', 'fin_rattachement', 'designation', 'fin_referent', 'habilitation', 'fin_habilitation', 'invitation', 'retrait_facteur', 'fermeture_sessions', 'don_role', 'retrait_role', 'relance', 'courriel', 'carte', 'validation_carte'));
ALTER TABLE acte_gestion ALTER COLUMN auteur_id DROP NOT NULL;
ALTER TABLE acte_gestion ADD COLUMN operateur_chiffre bytea; -- qui a tapé la commande, tel qu'il se nomme, chiffré ; le contexte est cet identifiant ; NULL : fait en gestion
ALTER TABLE acte_gestion ADD CONSTRAINT acte_gestion_auteur_check CHECK ((auteur_id IS NULL) = (operateur_chiffre IS NOT NULL));
ALTER TABLE accord_gestion DROP CONSTRAINT accord_gestion_acte_check;
ALTER TABLE accord_gestion ADD CONSTRAINT accord_gestion_acte_check CHECK (acte IN ('reactivation', 'retrait_facteur', 'don_role', 'courriel'));
ALTER TABLE accord_gestion ADD COLUMN adresse_chiffree bytea; -- nouvelle adresse demandée, chiffrée ; le contexte est cet identifiant ; NULL : un autre acte
