-- Whether a site was ever sent something of an entity, noted before it is sent: what is there already may have been.
ALTER TABLE outbox ADD COLUMN offered BOOLEAN NOT NULL DEFAULT TRUE;
