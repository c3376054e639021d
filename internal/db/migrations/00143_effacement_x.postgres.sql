-- +goose Up

-- Une preuve dont le contenu est effacé peut partir avec son mandat, à la fin de sa conservation.
DROP TRIGGER accord_piece_gardee ON accord_piece;
CREATE TRIGGER accord_piece_gardee BEFORE DELETE ON accord_piece FOR EACH ROW WHEN (OLD.contenu_chiffre IS NOT NULL)
EXECUTE FUNCTION mandat_refuser_changement('preuve gardee');

-- Le lien vers le mandat d'avant s'efface avec lui ; il ne change pas autrement.
DROP TRIGGER mandat_immuable ON mandat;
CREATE TRIGGER mandat_immuable BEFORE UPDATE OF id, organisation_id, usager_id, aidant_id, dossier_id, date_creation,
  date_expiration, duree, jours, a_distance, methode_consentement, telephone, demande_consentement_id, preuve, identite_id,
  given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
  organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville,
  issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public
ON mandat FOR EACH ROW EXECUTE FUNCTION mandat_refuser_changement('mandat signe: colonne immuable');
CREATE TRIGGER mandat_predecesseur BEFORE UPDATE OF predecesseur_id ON mandat FOR EACH ROW WHEN (NEW.predecesseur_id IS NOT NULL)
EXECUTE FUNCTION mandat_refuser_changement('mandat signe: colonne immuable');
