-- +goose Up

-- Ce qui a été accordé ne change plus ; seule change la preuve qui y répond.
CREATE TRIGGER accord_immuable BEFORE UPDATE OF mandat_id, organisation_id, usager_id, moyen, presence, texte_empreinte, demarches, duree, date_creation, date_expiration, date_grace
ON accord FOR EACH ROW EXECUTE FUNCTION mandat_refuser_changement('accord: colonne immuable');

-- Une preuve ne se réécrit pas : son contenu s'efface, elle s'annule, une fois.
CREATE TRIGGER accord_piece_immuable BEFORE UPDATE ON accord_piece FOR EACH ROW
WHEN (NEW.id <> OLD.id OR NEW.mandat_id <> OLD.mandat_id OR NEW.genre <> OLD.genre OR NEW.rang <> OLD.rang OR NEW.type_contenu <> OLD.type_contenu
  OR NEW.taille <> OLD.taille OR NEW.empreinte <> OLD.empreinte OR NEW.date_creation <> OLD.date_creation
  OR (NEW.contenu_chiffre IS NOT NULL AND NEW.contenu_chiffre <> OLD.contenu_chiffre) OR OLD.date_effacement IS NOT NULL AND NEW.date_effacement IS NULL
  OR OLD.date_annulation IS NOT NULL AND NEW.date_annulation IS NULL)
EXECUTE FUNCTION mandat_refuser_changement('preuve immuable');

CREATE TRIGGER accord_piece_gardee BEFORE DELETE ON accord_piece FOR EACH ROW
EXECUTE FUNCTION mandat_refuser_changement('preuve gardee');
