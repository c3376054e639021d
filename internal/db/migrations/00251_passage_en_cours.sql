-- +goose Up
-- Propriétaire : internal/conservation.
ALTER TABLE conservation_passage ADD COLUMN termine boolean NOT NULL DEFAULT true; -- faux tant que le passage court, et pour toujours s'il a été coupé : ses nombres restent justes
