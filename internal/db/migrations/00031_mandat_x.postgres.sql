-- +goose Up

-- Un mandat signé ne change plus, sauf le suivi du papier et le successeur (mandats.md 3.2).
-- +goose StatementBegin
CREATE FUNCTION mandat_refuser_changement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;
-- +goose StatementEnd

CREATE TRIGGER mandat_immuable BEFORE UPDATE OF id, organisation_id, usager_id, aidant_id, dossier_id, date_creation,
  date_expiration, duree, jours, a_distance, methode_consentement, telephone, demande_consentement_id, preuve, identite_id,
  given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
  organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville,
  issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public, predecesseur_id
ON mandat FOR EACH ROW EXECUTE FUNCTION mandat_refuser_changement('mandat signe: colonne immuable');

-- Un an au plus (L-16). Les mandats importés de 2020 suivent leur propre règle.
ALTER TABLE mandat ADD CONSTRAINT mandat_un_an CHECK (duree = 'EUS_03_20' OR date_expiration <= date_creation + interval '8760 hours');

CREATE TRIGGER mandat_texte_immuable BEFORE UPDATE ON mandat_texte
FOR EACH ROW EXECUTE FUNCTION mandat_refuser_changement('texte du mandat immuable');

CREATE TRIGGER mandat_document_immuable BEFORE UPDATE ON mandat_document
FOR EACH ROW EXECUTE FUNCTION mandat_refuser_changement('document signe immuable');

-- Une fin ne se réécrit pas : on ne rouvre ni ne redate une autorisation close.
CREATE TRIGGER autorisation_close BEFORE UPDATE ON autorisation FOR EACH ROW
WHEN (OLD.fin IS NOT NULL OR NEW.id <> OLD.id OR NEW.mandat_id <> OLD.mandat_id OR NEW.demarche <> OLD.demarche
  OR NEW.organisation_id <> OLD.organisation_id OR NEW.usager_id <> OLD.usager_id OR NEW.date_expiration <> OLD.date_expiration)
EXECUTE FUNCTION mandat_refuser_changement('autorisation close ou colonne immuable');
