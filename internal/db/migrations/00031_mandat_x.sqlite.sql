-- +goose Up

-- Un mandat signé ne change plus, sauf le suivi du papier et le successeur (mandats.md 3.2).
-- +goose StatementBegin
CREATE TRIGGER mandat_immuable BEFORE UPDATE OF id, organisation_id, usager_id, aidant_id, dossier_id, date_creation,
  date_expiration, duree, jours, a_distance, methode_consentement, telephone, demande_consentement_id, preuve, identite_id,
  given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
  organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville,
  issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public, predecesseur_id
ON mandat
BEGIN
  SELECT RAISE(ABORT, 'mandat signe: colonne immuable');
END;
-- +goose StatementEnd

-- Un an au plus (L-16). Les mandats importés de 2020 suivent leur propre règle.
-- +goose StatementBegin
CREATE TRIGGER mandat_un_an BEFORE INSERT ON mandat
WHEN NEW.duree <> 'EUS_03_20' AND julianday(NEW.date_expiration) - julianday(NEW.date_creation) > 365.00001
BEGIN
  SELECT RAISE(ABORT, 'mandat: plus d''un an');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandat_texte_immuable BEFORE UPDATE ON mandat_texte
BEGIN
  SELECT RAISE(ABORT, 'texte du mandat immuable');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandat_document_immuable BEFORE UPDATE ON mandat_document
BEGIN
  SELECT RAISE(ABORT, 'document signe immuable');
END;
-- +goose StatementEnd

-- Une fin ne se réécrit pas : on ne rouvre ni ne redate une autorisation close.
-- +goose StatementBegin
CREATE TRIGGER autorisation_close BEFORE UPDATE ON autorisation
WHEN OLD.fin IS NOT NULL OR NEW.id <> OLD.id OR NEW.mandat_id <> OLD.mandat_id OR NEW.demarche <> OLD.demarche
  OR NEW.organisation_id <> OLD.organisation_id OR NEW.usager_id <> OLD.usager_id OR NEW.date_expiration <> OLD.date_expiration
BEGIN
  SELECT RAISE(ABORT, 'autorisation close ou colonne immuable');
END;
-- +goose StatementEnd
