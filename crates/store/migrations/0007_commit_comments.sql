-- What became of a commit's commands, to be told by one comment a site on the commit at its forge.

CREATE TABLE commit_comment (
    site_id BIGINT NOT NULL REFERENCES site (id) ON DELETE CASCADE,
    commit_id BIGINT NOT NULL REFERENCES git_commit (id) ON DELETE CASCADE,
    repository_id BIGINT NOT NULL,  -- that of its receipts
    state TEXT NOT NULL,            -- waiting | sent | refused
    attempted_at BIGINT,            -- the last time it was perhaps written: from then on it is looked for first
    not_before BIGINT NOT NULL,
    created_at BIGINT NOT NULL,     -- when the last command had ended; when it was asked for again
    ended_at BIGINT,
    PRIMARY KEY (site_id, commit_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX commit_comment_due ON commit_comment (site_id, not_before) WHERE ended_at IS NULL;
CREATE INDEX commit_comment_by_commit ON commit_comment (commit_id);
