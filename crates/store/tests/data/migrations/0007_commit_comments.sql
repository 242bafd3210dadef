-- A Data Center that wants no comments, a commit with a command that was done there, and the attempt.
INSERT INTO site (id, kind, name, url, settings, state, failures, created_at)
    VALUES (71, 'data_center', 'Jira', 'https://jira.example.com', '{"smart_commits":true}', 'active', 0, 1700000000000);
INSERT INTO receipt (id, site_id, commit_id, repository_id, position, issue_key, command, argument, state, step, attempts,
                     not_before, created_at, ended_at)
    VALUES (72, 71, 41, 5, 0, 'A-1', 'comment', 'hello', 'done', 0, 1, 1700000000000, 1700000000000, 1700000000000);
INSERT INTO delivery (id, site_id, channel, entity_kind, entity_id, receipt_id, issue_key, title, lane, started_at, ended_at, outcome)
    VALUES (73, 71, 'smart_commit', 'commit', 41, 72, 'A-1', '#comment on A-1', 'live', 1700000000000, 1700000000000, 'sent');
