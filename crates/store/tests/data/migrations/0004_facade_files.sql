-- A commit and a merge request from before their files and comments were kept.
INSERT INTO git_commit (id, object_id, parents, author_name, author_email, authored_at, committer_name, committer_email,
        committed_at, message, lossy, source)
    VALUES (41, '0000000000000000000000000000000000000041', '', 'Ada', 'ada@example.com', 1700000000000, 'Ada',
        'ada@example.com', 1700000000000, 'A-1 begin', FALSE, 'git');
INSERT INTO repository_commit (repository_id, commit_id, first_seen_at) VALUES (5, 41, 1700000000000);
INSERT INTO merge_request (id, repository_id, number, forge_id, title, description, state, draft, author, source_branch,
        target_branch, frozen, web_url, comment_count, reviewers, created_at, updated_at, first_seen_at)
    VALUES (42, 5, 1, '1001', 'A-1', '', 'open', FALSE, '{"forge_id":"7","login":"ada","name":"Ada","administrator":false}',
        'a', 'main', FALSE, 'https://git.example.com/team/one/-/merge_requests/1', 2, '[]', 1700000000000, 1700000000000,
        1700000000000);
