-- +goose Up
CREATE TABLE notification ( -- ce que l'équipe du service dit à tous ceux qui se connectent, ou à une partie (A-W44)
    id              uuid        PRIMARY KEY, -- UUIDv7 ; tiré avec l'aperçu : publier deux fois n'écrit qu'une fois
    genre           text        NOT NULL CHECK (genre IN ('information', 'nouveaute', 'alerte')), -- une nouveauté part aussi par courriel, à qui l'accepte
    destinataires   text        NOT NULL CHECK (destinataires IN ('tous', 'aidants', 'referents')), -- à qui
    titre           text        NOT NULL, -- titre
    corps           text        NOT NULL, -- texte simple : paragraphes séparés par une ligne vide
    lien            text        NOT NULL DEFAULT '', -- page à ouvrir, de ce site ou en https ; vide : aucune
    auteur_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- qui l'a publiée
    date_creation   timestamptz NOT NULL, -- publication
    date_expiration timestamptz, -- jusqu'à quand elle est montrée ; NULL : jusqu'à ce que chacun l'ait lue
    date_retrait    timestamptz, -- retirée par l'équipe ; NULL : en place
    courriel_apres  uuid, -- dernier compte à qui le courriel est écrit ; NULL : aucun encore
    courriel_fini   boolean     NOT NULL -- plus aucun courriel à écrire
);
CREATE TABLE notification_lecture ( -- qui a marqué une notification comme lue
    notification_id uuid        NOT NULL REFERENCES notification (id) ON DELETE CASCADE, -- laquelle
    aidant_id       uuid        NOT NULL REFERENCES aidant (id) ON DELETE RESTRICT, -- par qui
    date            timestamptz NOT NULL, -- quand
    PRIMARY KEY (notification_id, aidant_id)
);
