-- Always in step: hooks and their events, what a full sync changed, pauses, who renews a token, hosts that do not answer.

CREATE TABLE hook (                 -- at most one for a repository, and one for an account's group
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,   -- random, stands in the address that the forge calls
    host_id BIGINT NOT NULL REFERENCES host (id),
    scope TEXT NOT NULL,            -- repository | group
    repository_id BIGINT REFERENCES repository (id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account (id) ON DELETE CASCADE,
    forge_id TEXT,                  -- the forge's own id; none where it could not be made
    url TEXT,                       -- as it was registered
    secret_sealed TEXT NOT NULL,
    state TEXT NOT NULL,            -- waiting | registered | manual | removed
    error_kind TEXT,
    error TEXT,
    checked_at BIGINT,              -- when the forge was last asked about it
    last_event_at BIGINT,
    last_event TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX hook_of_repository ON hook (repository_id) WHERE repository_id IS NOT NULL;
CREATE UNIQUE INDEX hook_of_account ON hook (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE inbox (                -- hook events as they came
    id BIGINT PRIMARY KEY,
    hook_id TEXT COLLATE "C" NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    received_at BIGINT NOT NULL,
    event TEXT NOT NULL,
    delivery_key TEXT NOT NULL,     -- the same event delivered again has the same
    headers TEXT NOT NULL,          -- JSON: those that tell of the delivery, never a secret
    body TEXT NOT NULL,
    state TEXT NOT NULL,            -- waiting | done | ignored | failed
    outcome TEXT,
    worked_at BIGINT,
    UNIQUE (hook_id, delivery_key)
);
CREATE INDEX inbox_waiting ON inbox (received_at, id) WHERE state = 'waiting';
CREATE INDEX inbox_of_hook ON inbox (hook_id, received_at);
CREATE INDEX inbox_by_time ON inbox (received_at);

ALTER TABLE repository ADD COLUMN paused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE repository ADD COLUMN changes TEXT;         -- JSON of model::SyncChanges: what the last full sync changed
ALTER TABLE repository ADD COLUMN changes_at BIGINT;    -- when that sync ended
ALTER TABLE repository ADD COLUMN retry_at BIGINT;      -- the next try after a failure

ALTER TABLE account ADD COLUMN merge_requests_until BIGINT; -- watermark of the merge request list of its group

ALTER TABLE credential ADD COLUMN refresh_holder TEXT;      -- who renews it at present
ALTER TABLE credential ADD COLUMN refresh_lease_until BIGINT;

ALTER TABLE host ADD COLUMN failures BIGINT NOT NULL DEFAULT 0; -- in a row: no connection, or an error of the server
ALTER TABLE host ADD COLUMN failing_since BIGINT;           -- when the first of them was
-- A word from here on (rate_limit | down). What it said before was always a rate limit.
UPDATE host SET paused_reason = 'rate_limit' WHERE paused_reason IS NOT NULL;

-- What a resource waits for is asked between the chunks of every import.
CREATE INDEX job_of_resource ON job (resource_key) WHERE state = 'waiting';
