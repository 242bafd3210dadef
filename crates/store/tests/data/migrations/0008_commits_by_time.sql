-- Another commit, older than the one that is there.
INSERT INTO git_commit (id, object_id, parents, author_name, author_email, authored_at, committer_name, committer_email,
                        committed_at, message, lossy, source)
    VALUES (101, '0000000000000000000000000000000000000101', '', 'Ada', 'ada@example.com', 1690000000000, 'Ada',
            'ada@example.com', 1690000000000, 'Older', FALSE, 'git');
