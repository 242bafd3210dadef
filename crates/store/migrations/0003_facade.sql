-- The facade for Jira's own connector: who authorised it, its codes and tokens, what they open, and the hooks that it registered.

-- A credential belongs to an account or to a grant (ids come from one sequence); so no foreign key: who is removed takes it along.
CREATE TABLE credential_of_owner (
    owner_id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,             -- oauth | token
    access_sealed TEXT NOT NULL,
    refresh_sealed TEXT,
    expires_at BIGINT,
    issued_at BIGINT,
    refresh_attempted_at BIGINT,    -- set before a refresh is sent, cleared with its answer
    user_forge_id TEXT NOT NULL,
    user_login TEXT NOT NULL,
    user_name TEXT NOT NULL,
    user_administrator BOOLEAN NOT NULL,
    refresh_holder TEXT,            -- who renews it at present
    refresh_lease_until BIGINT
);
INSERT INTO credential_of_owner (owner_id, kind, access_sealed, refresh_sealed, expires_at, issued_at, refresh_attempted_at,
        user_forge_id, user_login, user_name, user_administrator, refresh_holder, refresh_lease_until)
    SELECT account_id, kind, access_sealed, refresh_sealed, expires_at, issued_at, refresh_attempted_at,
        user_forge_id, user_login, user_name, user_administrator, refresh_holder, refresh_lease_until FROM credential;
DROP TABLE credential;
ALTER TABLE credential_of_owner RENAME TO credential;

CREATE TABLE facade_grant (         -- one user of a forge who let a Jira in, by one application
    id BIGINT PRIMARY KEY,
    application_id BIGINT NOT NULL REFERENCES application (id),
    host_id BIGINT NOT NULL REFERENCES host (id),
    user_forge_id TEXT NOT NULL,
    forge_user TEXT NOT NULL,       -- JSON of model::ForgeUser
    state TEXT NOT NULL,            -- active | needs_authorisation
    listed_at BIGINT,               -- when its memberships were last read whole
    created_at BIGINT NOT NULL,
    UNIQUE (application_id, user_forge_id)
);

CREATE TABLE facade_code (          -- between the consent and the token
    code_hash TEXT PRIMARY KEY,
    application_id BIGINT NOT NULL REFERENCES application (id),
    grant_id BIGINT NOT NULL REFERENCES facade_grant (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    token_id BIGINT                 -- what it was exchanged for: a second use revokes that
);

CREATE TABLE facade_token (
    id BIGINT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    grant_id BIGINT NOT NULL REFERENCES facade_grant (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX facade_token_of_grant ON facade_token (grant_id);

CREATE TABLE facade_membership (    -- what a grant's user is a member of and may read, by the forge's ids
    grant_id BIGINT NOT NULL REFERENCES facade_grant (id) ON DELETE CASCADE,
    repository_forge_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (grant_id, repository_forge_id)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE facade_hook (
    id BIGINT PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    grant_id BIGINT NOT NULL REFERENCES facade_grant (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    events TEXT NOT NULL,           -- JSON: [push, pull_request, …]
    json BOOLEAN NOT NULL,          -- else a form with the field `payload`
    active BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    called_at BIGINT,
    outcome TEXT                    -- of the last call
);
CREATE INDEX facade_hook_of_repository ON facade_hook (repository_id);

CREATE TABLE former_path (          -- where a repository was before it was renamed or moved
    host_id BIGINT NOT NULL REFERENCES host (id),
    path_folded TEXT COLLATE "C" NOT NULL,
    repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
    left_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, path_folded)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX former_path_of_repository ON former_path (repository_id);

-- What the facade made is reached with the credential of its grant; none: with its own.
ALTER TABLE account ADD COLUMN grant_id BIGINT;

-- Paths of forges are ASCII and the same in any case; below a group is a range.
CREATE INDEX repository_by_path ON repository (host_id, LOWER(path));
CREATE INDEX merge_request_by_forge_id ON merge_request (forge_id);
