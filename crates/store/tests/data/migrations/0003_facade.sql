-- An account with a token that is just being renewed, before credentials belonged to owners.
INSERT INTO account (id, host_id, path, path_folded, name, kind, forge_id, auto_link, smart_commits, restricted, state, created_at)
    VALUES (8, 1, 'Other', 'other', 'Other', 'group', '43', TRUE, FALSE, FALSE, 'active', 1700000000000);
INSERT INTO credential (account_id, kind, access_sealed, user_forge_id, user_login, user_name, user_administrator,
        refresh_holder, refresh_lease_until)
    VALUES (8, 'token', 'sealed', '8', 'bob', 'Bob', FALSE, 'node', 1700000005000);
INSERT INTO merge_request (id, repository_id, number, forge_id, title, description, state, draft, author, source_branch,
        target_branch, frozen, web_url, comment_count, reviewers, created_at, updated_at, first_seen_at)
    VALUES (9, 5, 2, '901', 'A-1 One', '', 'open', FALSE, '{"forge_id":"7","login":"ada","name":"Ada","avatar_url":null,"web_url":null,"administrator":false}',
        'A-1-x', 'main', FALSE, 'https://git.example.com/team/one/-/merge_requests/2', 0, '[]', 1700000000000, 1700000000000, 1700000000000);
