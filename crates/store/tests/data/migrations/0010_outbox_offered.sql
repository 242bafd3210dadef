-- A Cloud site that was perhaps sent a branch, as far as anybody knows.
INSERT INTO outbox (site_id, channel, entity_kind, entity_id, wanted, sent, sequence, state, lane, not_before, attempts, changed_at)
    VALUES (71, 'dev_info', 'branch', 6, 1, 0, 1700000000000, 'waiting', 'live', 0, 0, 1700000000000);
