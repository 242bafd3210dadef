-- What the facade tells beside commits and merge requests: the files of commits, the comments of merge requests.

CREATE TABLE commit_files (
    commit_id BIGINT PRIMARY KEY REFERENCES git_commit (id) ON DELETE CASCADE,
    files TEXT,                     -- packed (src/packed_files.rs); none: git could not tell
    cut BOOLEAN NOT NULL            -- whether there were more than are kept
);
CREATE INDEX commit_files_untold ON commit_files (commit_id) WHERE files IS NULL;

CREATE TABLE merge_request_note (   -- what people wrote, read when somebody asks
    merge_request_id BIGINT NOT NULL REFERENCES merge_request (id) ON DELETE CASCADE,
    forge_id TEXT COLLATE "C" NOT NULL,
    author TEXT NOT NULL,           -- JSON of model::ForgeUser
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merge_request_id, forge_id)
) /*sqlite: WITHOUT ROWID*/;

ALTER TABLE merge_request ADD COLUMN noted_at BIGINT;   -- updated_at for which the comments were read
