-- +goose Up
-- Qui est témoin d'autres journaux a une clé de plus.
ALTER TABLE cle_signature RENAME TO cle_signature_avant;
CREATE TABLE cle_signature ( -- Clés de signature du service (FI-61, FI-62) : la partie privée est chiffrée avec la clé des champs.
    kid             text        NOT NULL PRIMARY KEY, -- identifiant publié : base64url du SHA-256 de la clé publique
    usage           text        NOT NULL CHECK (usage IN ('fi_es256', 'fi_rs256', 'attestation', 'journal', 'temoin')), -- à quoi elle sert, et rien d'autre
    algorithme      text        NOT NULL CHECK (algorithme IN ('ES256', 'RS256', 'EdDSA')), -- nom JOSE
    prive           bytea       NOT NULL, -- PKCS #8 chiffré, contexte « cle/<kid> »
    publique        bytea       NOT NULL, -- PKIX, SubjectPublicKeyInfo en DER
    etat            text        NOT NULL CHECK (etat IN ('active', 'suivante', 'retiree')), -- signe, sera la prochaine, ne signe plus
    date_creation   timestamptz NOT NULL, -- tirage de la clé
    date_activation timestamptz, -- première signature possible
    date_retrait    timestamptz, -- dernière signature possible
    CHECK ((etat = 'suivante') = (date_activation IS NULL)),
    CHECK ((etat = 'retiree') = (date_retrait IS NOT NULL))
);
INSERT INTO cle_signature (kid, usage, algorithme, prive, publique, etat, date_creation, date_activation, date_retrait)
SELECT kid, usage, algorithme, prive, publique, etat, date_creation, date_activation, date_retrait FROM cle_signature_avant;
DROP TABLE cle_signature_avant;
CREATE UNIQUE INDEX cle_signature_active ON cle_signature (usage) WHERE etat = 'active';
CREATE UNIQUE INDEX cle_signature_suivante ON cle_signature (usage) WHERE etat = 'suivante';
