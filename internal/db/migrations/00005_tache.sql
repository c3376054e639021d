-- +goose Up

-- Une ligne par tâche du programme : quand elle doit passer, qui la tient, comment la dernière exécution a fini.
CREATE TABLE tache (
    nom           text PRIMARY KEY,                  -- nom de la tâche dans le programme
    prochaine     timestamptz NOT NULL,              -- instant à partir duquel elle est due
    porteur       text,                              -- exécution en cours : identifiant tiré au hasard ; NULL si personne
    bail_fin      timestamptz,                       -- au-delà, l'exécution en cours est tenue pour morte
    debut         timestamptz,                       -- début de la dernière exécution
    fin           timestamptz,                       -- fin de la dernière exécution ; NULL ou avant debut si elle court ou a été coupée
    resultat      bigint NOT NULL DEFAULT 0,         -- combien d'éléments la dernière exécution réussie a traités
    executions    bigint NOT NULL DEFAULT 0,         -- nombre d'exécutions réussies depuis l'origine
    echecs        bigint NOT NULL DEFAULT 0,         -- échecs d'affilée ; 0 après une réussite
    erreur        text,                              -- dernière erreur, sans donnée personnelle ; NULL après une réussite
    CHECK ((porteur IS NULL) = (bail_fin IS NULL)),
    CHECK (resultat >= 0 AND executions >= 0 AND echecs >= 0)
);
