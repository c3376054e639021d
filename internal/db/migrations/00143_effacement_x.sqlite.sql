-- +goose Up

-- Une preuve dont le contenu est effacé peut partir avec son mandat, à la fin de sa conservation.
DROP TRIGGER accord_piece_gardee;
-- +goose StatementBegin
CREATE TRIGGER accord_piece_gardee BEFORE DELETE ON accord_piece
WHEN OLD.contenu_chiffre IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'preuve gardee');
END;
-- +goose StatementEnd

-- Le lien vers le mandat d'avant s'efface avec lui ; il ne change pas autrement.
DROP TRIGGER mandat_immuable;
-- +goose StatementBegin
CREATE TRIGGER mandat_immuable BEFORE UPDATE OF id, organisation_id, usager_id, aidant_id, dossier_id, date_creation,
  date_expiration, duree, jours, a_distance, methode_consentement, telephone, demande_consentement_id, preuve, identite_id,
  given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
  organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville,
  issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public
ON mandat
BEGIN
  SELECT RAISE(ABORT, 'mandat signe: colonne immuable');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER mandat_predecesseur BEFORE UPDATE OF predecesseur_id ON mandat
WHEN NEW.predecesseur_id IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'mandat signe: colonne immuable');
END;
-- +goose StatementEnd
