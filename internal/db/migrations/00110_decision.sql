-- +goose Up
-- Qui a décidé de ce que demandent les référents, comment ou pourquoi, et ce qui leur en est dit (comptes 9.5, 9.6).
ALTER TABLE rattachement ADD COLUMN decideur_id uuid REFERENCES aidant (id) ON DELETE RESTRICT; -- personne de l'équipe qui a décidé ; NULL : personne, ou le terme est passé
ALTER TABLE rattachement ADD COLUMN motif_decision text NOT NULL DEFAULT '' CHECK (motif_decision IN ('', 'appel', 'courriel', 'registre', 'connue', 'identite', 'inexact', 'doublon', 'hors_regle', 'autre')); -- comment elle a été vérifiée, ou pourquoi elle est refusée
ALTER TABLE rattachement ADD COLUMN explication text NOT NULL DEFAULT ''; -- ce que l'exploitant répond au référent et à la personne, en refusant
ALTER TABLE coreferent ADD COLUMN decideur_id uuid REFERENCES aidant (id) ON DELETE RESTRICT; -- personne de l'équipe qui a décidé ; NULL : personne
ALTER TABLE coreferent ADD COLUMN motif_decision text NOT NULL DEFAULT '' CHECK (motif_decision IN ('', 'appel', 'courriel', 'registre', 'connue', 'identite', 'inexact', 'doublon', 'hors_regle', 'autre')); -- comment elle a été vérifiée, ou pourquoi elle est refusée
ALTER TABLE correction_structure ADD COLUMN decideur_id uuid REFERENCES aidant (id) ON DELETE RESTRICT; -- personne de l'équipe qui a décidé ; NULL : personne
ALTER TABLE correction_structure ADD COLUMN motif_decision text NOT NULL DEFAULT '' CHECK (motif_decision IN ('', 'appel', 'courriel', 'registre', 'connue', 'identite', 'inexact', 'doublon', 'hors_regle', 'autre')); -- comment elle a été vérifiée, ou pourquoi elle est refusée
