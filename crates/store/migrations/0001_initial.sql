-- The first tables. Column types common to SQLite and PostgreSQL only; times are unix milliseconds; ids come from id_block;
-- *_sealed is ciphertext bound to its row. COLLATE "C" orders by bytes on every server, whatever its locale. SQLite reads
-- this text with three replacements (src/migrations.rs).

CREATE TABLE id_block (name TEXT PRIMARY KEY, next_id BIGINT NOT NULL);
INSERT INTO id_block (name, next_id) VALUES ('id', 1);

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

-- Forges -------------------------------------------------------------------------------------------------------------

CREATE TABLE host (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    capabilities TEXT,              -- JSON: what was learnt of the server (version, git filters, …)
    paused_until BIGINT,            -- rate limit: no request before this
    paused_reason TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (kind, url)
);

CREATE TABLE application (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES host (id),
    client_id TEXT NOT NULL,
    secret_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (host_id, client_id)
);

CREATE TABLE account (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES host (id),
    application_id BIGINT REFERENCES application (id),
    path TEXT COLLATE "C" NOT NULL,
    path_folded TEXT COLLATE "C" NOT NULL,      -- lower case: the same path in any case is the same account
    name TEXT NOT NULL,
    kind TEXT NOT NULL,             -- group | user | folder
    forge_id TEXT NOT NULL,
    web_url TEXT,
    auto_link BOOLEAN NOT NULL,
    smart_commits BOOLEAN NOT NULL,
    restricted BOOLEAN NOT NULL,    -- only account_reader rows (and administrators) may see it
    state TEXT NOT NULL,            -- active | paused | needs_authorisation | removing
    listed_at BIGINT,               -- when its project list was last read whole
    imported_at BIGINT,             -- when its first import ended: from here on new facts are live
    error_kind TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (host_id, path_folded)
);

CREATE TABLE credential (
    account_id BIGINT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,             -- oauth | token
    access_sealed TEXT NOT NULL,
    refresh_sealed TEXT,
    expires_at BIGINT,
    issued_at BIGINT,
    refresh_attempted_at BIGINT,    -- set before a refresh is sent, cleared with its answer
    user_forge_id TEXT NOT NULL,
    user_login TEXT NOT NULL,
    user_name TEXT NOT NULL,
    user_administrator BOOLEAN NOT NULL
);

CREATE TABLE account_reader (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
) /*sqlite: WITHOUT ROWID*/;

-- Facts --------------------------------------------------------------------------------------------------------------

CREATE TABLE repository (
    id BIGINT PRIMARY KEY,
    host_id BIGINT NOT NULL REFERENCES host (id),
    forge_id TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    web_url TEXT,
    git_url TEXT NOT NULL,
    default_branch TEXT,
    fork_of TEXT,                   -- forge_id of its parent, on the same host
    archived BOOLEAN NOT NULL,
    last_activity_at BIGINT,
    state TEXT NOT NULL,            -- waiting | syncing | up_to_date | failed | empty
    commits_done BIGINT NOT NULL,   -- progress of the running sync
    commits_total BIGINT NOT NULL,
    commits_with_keys BIGINT NOT NULL, -- its commits that are not lost and have issue links
    imported_at BIGINT,             -- when its first import ended
    synced_at BIGINT,               -- when the last sync ended well
    merge_requests_until BIGINT,    -- watermark of the merge request list
    merge_requests_state TEXT NOT NULL, -- unknown | available | unavailable
    error_kind TEXT,                -- authentication | permission | not_found | server | network | rate_limit | git | data
    error TEXT,
    failures BIGINT NOT NULL,       -- syncs failed in a row
    created_at BIGINT NOT NULL,
    UNIQUE (host_id, forge_id)
);

CREATE TABLE account_repository (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    linked BOOLEAN NOT NULL,
    visible BOOLEAN NOT NULL,       -- false: the account's list no longer names it
    smart_commits BOOLEAN NOT NULL,
    PRIMARY KEY (account_id, repository_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX account_repository_by_repository ON account_repository (repository_id);

CREATE TABLE tip (                  -- what the last whole sync ended at
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    object_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (repository_id, object_id)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE git_commit (           -- `commit` is a word of SQL
    id BIGINT PRIMARY KEY,
    object_id TEXT COLLATE "C" NOT NULL UNIQUE,
    parents TEXT NOT NULL,          -- object ids, separated by blanks
    author_name TEXT NOT NULL,
    author_email TEXT NOT NULL,
    authored_at BIGINT NOT NULL,
    committer_name TEXT NOT NULL,
    committer_email TEXT NOT NULL,
    committed_at BIGINT NOT NULL,
    message TEXT NOT NULL,
    lossy BOOLEAN NOT NULL,
    source TEXT NOT NULL            -- git | rest; git overwrites rest
);

CREATE TABLE repository_commit (
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    commit_id BIGINT NOT NULL REFERENCES git_commit (id),
    first_seen_at BIGINT NOT NULL,
    lost_at BIGINT,                 -- no longer reachable from a branch or merge request since
    PRIMARY KEY (repository_id, commit_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX repository_commit_by_commit ON repository_commit (commit_id, repository_id, lost_at);

CREATE TABLE commit_statistics (    -- asked of the forge on demand, kept
    commit_id BIGINT PRIMARY KEY REFERENCES git_commit (id) ON DELETE CASCADE,
    statistics TEXT NOT NULL        -- JSON of model::Statistics
);

CREATE TABLE branch (
    id BIGINT PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    name_hash TEXT NOT NULL,        -- SHA-256: an index key of PostgreSQL is short
    head TEXT NOT NULL,
    moved_at BIGINT NOT NULL,       -- when the head was last seen to change
    first_seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    UNIQUE (repository_id, name_hash)
);
CREATE INDEX branch_present ON branch (repository_id) WHERE gone_at IS NULL;

CREATE TABLE merge_request (
    id BIGINT PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    forge_id TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,            -- open | merged | declined
    draft BOOLEAN NOT NULL,
    author TEXT NOT NULL,           -- JSON of model::ForgeUser
    source_branch TEXT NOT NULL,
    target_branch TEXT NOT NULL,
    source_forge_id TEXT,           -- forge_id of the source repository
    head TEXT,
    base TEXT,                      -- its commits are head --not base; frozen once merged
    frozen BOOLEAN NOT NULL,
    web_url TEXT NOT NULL,
    comment_count BIGINT NOT NULL,
    reviewers TEXT NOT NULL,        -- JSON of [model::Reviewer]
    reviewed_at BIGINT,             -- updated_at for which reviewers were read
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    merged_at BIGINT,
    closed_at BIGINT,
    first_seen_at BIGINT NOT NULL,
    gone_at BIGINT,
    UNIQUE (repository_id, number)
);
CREATE INDEX merge_request_present ON merge_request (repository_id) WHERE gone_at IS NULL;

CREATE TABLE merge_request_commit (
    merge_request_id BIGINT NOT NULL REFERENCES merge_request (id) ON DELETE CASCADE,
    commit_id BIGINT NOT NULL REFERENCES git_commit (id),
    PRIMARY KEY (merge_request_id, commit_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX merge_request_commit_by_commit ON merge_request_commit (commit_id);

-- Links --------------------------------------------------------------------------------------------------------------

CREATE TABLE mention (              -- what a text says
    entity_kind TEXT NOT NULL,      -- commit | branch | merge_request
    entity_id BIGINT NOT NULL,
    issue_key TEXT COLLATE "C" NOT NULL,
    form TEXT NOT NULL,             -- strict | other_case | underscore | noise
    rule_version BIGINT NOT NULL,
    PRIMARY KEY (entity_kind, entity_id, issue_key, form)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX mention_by_key ON mention (issue_key);

CREATE TABLE issue_link (           -- what is shown: strict mentions, and others of projects that a site knows
    issue_key TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    sort_at BIGINT NOT NULL,        -- commit: authored_at; branch: moved_at; merge request: updated_at
    entity_id BIGINT NOT NULL,
    PRIMARY KEY (issue_key, kind, sort_at, entity_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX issue_link_by_entity ON issue_link (kind, entity_id);
CREATE INDEX issue_link_by_time ON issue_link (sort_at, entity_id, kind, issue_key);

-- People -------------------------------------------------------------------------------------------------------------

CREATE TABLE app_user (             -- `user` is a word of SQL
    id BIGINT PRIMARY KEY,
    login TEXT COLLATE "C" NOT NULL UNIQUE,     -- lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL,             -- admin | reader
    password_hash TEXT,             -- none until the invitation is taken
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE invitation (           -- a one-time link: set-up, invitation, lost password
    token_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,          -- setup | invite | reset
    user_id BIGINT REFERENCES app_user (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE api_token (
    id BIGINT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,            -- read | admin
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE TABLE dance (                -- an authorisation under way in some browser tab
    state_hash TEXT PRIMARY KEY,    -- SHA-256 of the OAuth state
    user_id BIGINT NOT NULL,        -- who began it
    stage TEXT NOT NULL,            -- begun | authorised
    payload_sealed TEXT NOT NULL,   -- JSON: the form, the PKCE verifier, later the tokens
    expires_at BIGINT NOT NULL
);

-- Work ---------------------------------------------------------------------------------------------------------------

CREATE TABLE job (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    resource_key TEXT NOT NULL,     -- at most one running job a resource
    lane TEXT NOT NULL,             -- live | import
    priority BIGINT NOT NULL,       -- higher first within the lane
    payload TEXT NOT NULL,          -- JSON
    state TEXT NOT NULL,            -- waiting | running | failed
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until BIGINT,
    fence BIGINT NOT NULL,
    holder TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX job_one_waiting ON job (kind, dedup_key) WHERE state = 'waiting';
CREATE UNIQUE INDEX job_one_running ON job (resource_key) WHERE state = 'running';
CREATE INDEX job_due ON job (state, lane, priority DESC, run_at, id);
