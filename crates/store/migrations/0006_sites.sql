-- Sites: Jiras, what they are told, and what became of it.

CREATE TABLE site (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,             -- data_center (Server too) | cloud
    name TEXT NOT NULL,
    url TEXT COLLATE "C" NOT NULL UNIQUE,       -- normalised, without a trailing slash
    settings TEXT NOT NULL,         -- JSON of model::SiteSettings
    state TEXT NOT NULL,            -- active | paused | removing
    rest_user TEXT,                 -- login or e-mail; none with a personal access token
    rest_secret_sealed TEXT,
    client_id TEXT,                 -- Cloud: OAuth credentials for development information
    client_secret_sealed TEXT,
    cloud_id TEXT,
    version TEXT,
    projects_read_at BIGINT,
    tested_at BIGINT,
    report TEXT,                    -- JSON: what the last test found
    paused_until BIGINT,            -- rate limit, or waiting after failures: no request before this
    error_kind TEXT,
    error TEXT,
    failures BIGINT NOT NULL,       -- in a row
    created_at BIGINT NOT NULL
);

CREATE TABLE site_account (         -- which accounts serve it, where not all do
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (site_id, account_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX site_account_by_account ON site_account (account_id);

CREATE TABLE site_project (
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    project_key TEXT COLLATE "C" NOT NULL,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    present_key TEXT COLLATE "C" NOT NULL,      -- of a former key another one
    PRIMARY KEY (site_id, project_key)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX site_project_by_key ON site_project (project_key);

CREATE TABLE issue_alias (          -- asked once a key
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    issue_key TEXT COLLATE "C" NOT NULL,
    present_key TEXT COLLATE "C",   -- none: there is no such issue
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, issue_key)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX issue_alias_by_key ON issue_alias (issue_key);
CREATE INDEX issue_alias_by_present_key ON issue_alias (present_key);

CREATE TABLE person_alias (         -- who an author is in Jira
    id BIGINT PRIMARY KEY,
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,             -- email | forge_user
    written TEXT NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,           -- lower case
    jira_user TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (site_id, kind, folded)
);

CREATE TABLE receipt (              -- one smart-commit command
    id BIGINT PRIMARY KEY,
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    commit_id BIGINT NOT NULL REFERENCES git_commit (id) ON DELETE CASCADE,
    repository_id BIGINT NOT NULL,  -- where it was seen first
    position BIGINT NOT NULL,       -- which command of the message it is, from 0
    issue_key TEXT COLLATE "C" NOT NULL,
    command TEXT NOT NULL,
    argument TEXT NOT NULL,
    state TEXT NOT NULL,            -- waiting | sending | done | refused
    step BIGINT NOT NULL,           -- 1: a transition was taken, its comment is to come
    reason TEXT,                    -- model::ReceiptReason
    words TEXT,                     -- a sentence for people
    jira_id TEXT,                   -- of the comment or worklog
    attempted_at BIGINT,            -- the last time it was sent
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (site_id, commit_id, position, issue_key)
);
CREATE INDEX receipt_due ON receipt (site_id, not_before) WHERE ended_at IS NULL;
CREATE INDEX receipt_by_issue ON receipt (issue_key, created_at);
CREATE INDEX receipt_by_commit ON receipt (commit_id);

CREATE TABLE outbox (               -- what a site is to be told, one row an entity
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,          -- remote_link | dev_info
    entity_kind TEXT NOT NULL,      -- repository | commit | branch | merge_request
    entity_id BIGINT NOT NULL,
    wanted BIGINT NOT NULL,         -- raised by each change
    sent BIGINT NOT NULL,           -- what the site was told; 0: nothing
    sequence BIGINT NOT NULL,       -- max(now, the last one + 1)
    state TEXT NOT NULL,            -- waiting | sent | refused | parked
    lane TEXT NOT NULL,             -- live | backfill
    not_before BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    parked_since BIGINT,
    words TEXT,
    tombstone TEXT,                 -- JSON: how the site knows what is gone from here
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (site_id, channel, entity_kind, entity_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX outbox_due ON outbox (site_id, channel, state, lane, not_before);
CREATE INDEX outbox_by_entity ON outbox (entity_kind, entity_id);

CREATE TABLE remote_link (          -- the links that a site has
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    entity_kind TEXT NOT NULL,
    entity_id BIGINT NOT NULL,
    issue_key TEXT COLLATE "C" NOT NULL,
    global_id TEXT NOT NULL,
    digest TEXT NOT NULL,           -- of what the link says
    PRIMARY KEY (site_id, entity_kind, entity_id, issue_key)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE delivery (             -- the attempts
    id BIGINT PRIMARY KEY,
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,          -- smart_commit | remote_link | dev_info
    entity_kind TEXT NOT NULL,
    entity_id BIGINT NOT NULL,
    receipt_id BIGINT,
    issue_key TEXT COLLATE "C",
    title TEXT NOT NULL,
    lane TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT NOT NULL,          -- sending | sent | refused | failed | unknown | parked
    status BIGINT,                  -- of HTTP
    words TEXT,
    next_at BIGINT
);
CREATE INDEX delivery_by_time ON delivery (started_at, id);
CREATE INDEX delivery_of_site ON delivery (site_id, started_at, id);
CREATE INDEX delivery_of_outcome ON delivery (outcome, started_at, id);
CREATE INDEX delivery_of_receipt ON delivery (receipt_id) WHERE receipt_id IS NOT NULL;
CREATE INDEX delivery_of_entity ON delivery (entity_kind, entity_id);
