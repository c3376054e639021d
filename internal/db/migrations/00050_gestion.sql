-- +goose Up
ALTER TABLE aidant ADD COLUMN role_gestion text NOT NULL DEFAULT '' CHECK (role_gestion IN ('', 'admin_technique', 'admin_metier', 'admin_of', 'utilisateur_of')); -- place dans l'équipe de l'exploitant ; vide : aucune
ALTER TABLE session_web ADD COLUMN moyen text NOT NULL DEFAULT 'code' CHECK (moyen IN ('code', 'secours', 'cle', 'proconnect')); -- comment la session a été prouvée : 'cle' résiste à l'hameçonnage
