-- A host that is paused, an account that needs a token, a repository that failed, and a job that waits: before hooks came.
INSERT INTO host (id, kind, url, paused_until, paused_reason, created_at)
    VALUES (1, 'gitlab', 'https://git.example.com', 1700000060000, 'GitLab asked for a pause.', 1700000000000),
           (2, 'folder', '/srv/git', NULL, NULL, 1700000000000);
INSERT INTO application (id, host_id, client_id, secret_sealed, created_at)
    VALUES (3, 1, 'client', 'sealed', 1700000000000);
INSERT INTO account (id, host_id, application_id, path, path_folded, name, kind, forge_id, auto_link, smart_commits,
        restricted, state, created_at)
    VALUES (4, 1, 3, 'Team', 'team', 'Team', 'group', '42', TRUE, FALSE, FALSE, 'needs_authorisation', 1700000000000);
INSERT INTO credential (account_id, kind, access_sealed, refresh_sealed, expires_at, issued_at, refresh_attempted_at,
        user_forge_id, user_login, user_name, user_administrator)
    VALUES (4, 'oauth', 'sealed', 'sealed', 1700007200000, 1700000000000, 1700005760000, '7', 'ada', 'Ada', FALSE);
INSERT INTO repository (id, host_id, forge_id, name, path, git_url, archived, state, commits_done, commits_total,
        commits_with_keys, imported_at, merge_requests_state, error_kind, error, failures, created_at)
    VALUES (5, 1, '1', 'One', 'team/one', 'https://git.example.com/team/one.git', FALSE, 'failed', 0, 0, 0, 1700000000000,
        'available', 'network', 'It broke.', 3, 1700000000000);
INSERT INTO account_repository (account_id, repository_id, linked, visible, smart_commits)
    VALUES (4, 5, TRUE, TRUE, FALSE);
INSERT INTO branch (id, repository_id, name, name_hash, head, moved_at, first_seen_at)
    VALUES (6, 5, 'A-1-x', 'hash', '0000000000000000000000000000000000000001', 1700000000000, 1700000000000);
INSERT INTO mention (entity_kind, entity_id, issue_key, form, rule_version) VALUES ('branch', 6, 'A-1', 'strict', 1);
INSERT INTO issue_link (issue_key, kind, sort_at, entity_id) VALUES ('A-1', 'branch', 1700000000000, 6);
INSERT INTO job (id, kind, dedup_key, resource_key, lane, priority, payload, state, run_at, attempts, fence, created_at)
    VALUES (7, 'sync_repository', 'repository:5:soft', 'repository:5', 'import', 0, '{}', 'waiting', 1700000060000, 0, 0,
        1700000000000);
UPDATE id_block SET next_id = 1000 WHERE name = 'id';
