//! Reading and changing repositories.

use sandbox::gitlab::repositories::{CommitQuery, RefKind, RepositoryError};

use crate::stage::{Stage, commit, stage};

/// Two commits on `main`, one more on `feature/ABC-1`, an annotated and a light tag.
async fn with_history() -> Stage {
    let stage = stage().await;
    let mut stream = commit("main", 0, "First\n", &[], &[("a.txt", "one\ntwo\n"), ("dir/b.txt", "b\n")]);
    stream += &commit("main", 10, "ABC-1 Second\n\nWith a body.\n", &[], &[("a.txt", "one\n2\nthree\n")]);
    stream += &commit("feature/ABC-1", 20, "Third\n", &["refs/heads/main"], &[("c.txt", "c\n")]);
    stream += "reset refs/tags/light\nfrom refs/heads/main\n\n";
    stream += "tag v1\nfrom refs/heads/main\ntagger Aki <aki@example.com> 1795000000 +0000\ndata 10\nVersion 1\n\n";
    stage.push(stream).await;
    stage
}

fn messages(rows: &[sandbox::gitlab::repositories::CommitRow]) -> Vec<&str> {
    rows.iter().map(sandbox::gitlab::repositories::CommitRow::title).collect()
}

#[tokio::test]
async fn branches_and_tags_come_with_their_commits() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();

    let branches = repositories.branches(stage.project).await.unwrap();
    let tags = repositories.tags(stage.project).await.unwrap();

    let names: Vec<_> = branches.iter().map(|branch| (branch.name.as_str(), branch.commit.title())).collect();
    assert_eq!(names, [("feature/ABC-1", "Third"), ("main", "ABC-1 Second")]);
    assert_eq!(branches[1].commit.message, "ABC-1 Second\n\nWith a body.\n");
    assert_eq!(branches[1].commit.author.email, "aki@example.com");
    assert_eq!(branches[1].commit.committer.offset_minutes, 120);
    let tags: Vec<_> = tags.iter().map(|tag| (tag.name.as_str(), tag.message.as_deref(), tag.commit.title())).collect();
    assert_eq!(tags, [("light", None, "ABC-1 Second"), ("v1", Some("Version 1\n"), "ABC-1 Second")]);
    assert_eq!(repositories.default_branch(stage.project).await.unwrap().as_deref(), Some("main"));
}

#[tokio::test]
async fn an_empty_repository_has_nothing() {
    let stage = stage().await;
    let repositories = stage.model.repositories();

    assert!(repositories.branches(stage.project).await.unwrap().is_empty());
    assert!(repositories.tags(stage.project).await.unwrap().is_empty());
    assert_eq!(repositories.default_branch(stage.project).await.unwrap(), None);
    assert_eq!(repositories.resolve(stage.project, "main").await.unwrap(), None);
    let all = CommitQuery { all: true, ..CommitQuery::default() };
    assert!(repositories.commits(stage.project, &all).await.unwrap().is_empty());
}

#[tokio::test]
async fn commits_are_paged_ranged_and_dated() {
    let stage = with_history().await;
    let read = async |query: CommitQuery| stage.model.repositories().commits(stage.project, &query).await.unwrap();
    let of = |revision: &str| CommitQuery { include: vec![revision.to_owned()], ..CommitQuery::default() };

    let all = read(of("feature/ABC-1")).await;
    assert_eq!(messages(&all), ["Third", "ABC-1 Second", "First"]);
    assert_eq!(all[0].parents, [all[1].id.clone()]);

    assert_eq!(messages(&read(CommitQuery { skip: 1, limit: 1, ..of("feature/ABC-1") }).await), ["ABC-1 Second"]);
    assert_eq!(
        messages(&read(CommitQuery { exclude: vec!["main".to_owned()], ..of("feature/ABC-1") }).await),
        ["Third"]
    );
    let second = all[1].committer.at;
    assert_eq!(
        messages(&read(CommitQuery { since: Some(second), ..of("feature/ABC-1") }).await),
        ["Third", "ABC-1 Second"]
    );
    assert_eq!(
        messages(&read(CommitQuery { until: Some(second), ..of("feature/ABC-1") }).await),
        ["ABC-1 Second", "First"]
    );
    assert_eq!(messages(&read(CommitQuery { path: Some("c.txt".to_owned()), ..of("feature/ABC-1") }).await), ["Third"]);
    assert!(read(CommitQuery { author: Some("nobody".to_owned()), ..of("main") }).await.is_empty());
    let count =
        stage.model.repositories().count(stage.project, &["feature/ABC-1".to_owned()], &["main".to_owned()]).await;
    assert_eq!(count.unwrap(), 1);
}

#[tokio::test]
async fn revisions_are_resolved_and_options_are_not() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();
    let main = stage.id("refs/heads/main").await;

    for revision in ["main", "v1", "light", &main, &main[..8], "feature/ABC-1~1"] {
        assert_eq!(repositories.resolve(stage.project, revision).await.unwrap().as_ref(), Some(&main), "{revision}");
    }
    for hostile in
        ["", "--all", "-n1", "^main", "main..feature/ABC-1", ":/First", "main:a.txt", "no-such", "main\nmain"]
    {
        assert_eq!(repositories.resolve(stage.project, hostile).await.unwrap(), None, "{hostile:?}");
    }
    let unknown = "0123456789012345678901234567890123456789";
    assert_eq!(repositories.resolve(stage.project, unknown).await.unwrap(), None);
    let query = CommitQuery { include: vec!["--all".to_owned()], ..CommitQuery::default() };
    assert!(matches!(repositories.commits(stage.project, &query).await, Err(RepositoryError::Missing(_))));
}

#[tokio::test]
async fn a_diff_tells_every_kind_of_change() {
    let stage = with_history().await;
    let mut stream =
        String::from("commit refs/heads/main\ncommitter Cem <cem@example.com> 1795100000 +0000\ndata 5\nmoves\n");
    stream += "from refs/heads/main^0\nR dir/b.txt dir/moved.txt\nD a.txt\n";
    stream += "M 100755 inline run.sh\ndata 5\nrun!\n\nM 100644 inline raw.bin\ndata 4\nx\0y\n\n\n";
    stage.push(stream).await;

    let files = stage.model.repositories().diff(stage.project, Some("main~1"), "main").await.unwrap();

    let kinds: Vec<_> = files
        .iter()
        .map(|file| {
            (file.old_path.as_str(), file.new_path.as_str(), file.new_file, file.deleted_file, file.renamed_file)
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("a.txt", "a.txt", false, true, false),
            ("dir/b.txt", "dir/moved.txt", false, false, true),
            ("raw.bin", "raw.bin", true, false, false),
            ("run.sh", "run.sh", true, false, false),
        ]
    );
    assert_eq!((files[0].additions, files[0].deletions), (0, 3));
    assert_eq!(files[0].patch, "@@ -1,3 +0,0 @@\n-one\n-2\n-three\n");
    assert_eq!((files[0].old_mode.as_str(), files[0].new_mode.as_str()), ("100644", "0"));
    assert_eq!(files[1].patch, "", "a pure move has no hunks");
    assert_eq!(files[2].patch, "", "a binary file has no hunks");
    assert_eq!(files[3].new_mode, "100755");
}

#[tokio::test]
async fn a_root_commit_is_compared_with_nothing() {
    let stage = with_history().await;

    let files = stage.model.repositories().diff(stage.project, None, "main~1").await.unwrap();

    let names: Vec<_> = files.iter().map(|file| (file.new_path.as_str(), file.new_file, file.additions)).collect();
    assert_eq!(names, [("a.txt", true, 2), ("dir/b.txt", true, 1)]);
}

#[tokio::test]
async fn a_diff_that_is_too_long_keeps_its_counts() {
    let stage = with_history().await;
    let long = "a line\n".repeat(40_000);
    stage.push(commit("main", 30, "Long\n", &["refs/heads/main^0"], &[("long.txt", &long)])).await;

    let files = stage.model.repositories().diff(stage.project, Some("main~1"), "main").await.unwrap();

    assert!(files[0].too_large);
    assert_eq!((files[0].patch.as_str(), files[0].additions), ("", 40_000));
}

#[tokio::test]
async fn reachability_is_gits() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();

    let containing = repositories.refs_containing(stage.project, "main~1").await.unwrap();
    let names: Vec<_> = containing.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
    let (branch, tag) = (RefKind::Branch, RefKind::Tag);
    assert_eq!(names, [(branch, "feature/ABC-1"), (branch, "main"), (tag, "light"), (tag, "v1")]);

    assert!(repositories.is_ancestor(stage.project, "main", "feature/ABC-1").await.unwrap());
    assert!(!repositories.is_ancestor(stage.project, "feature/ABC-1", "main").await.unwrap());
    let base = repositories.merge_base(stage.project, "main", "feature/ABC-1").await.unwrap();
    assert_eq!(base, Some(stage.id("main").await));
    let merged = repositories.merged_branches(stage.project, "main").await.unwrap();
    assert_eq!(Vec::from_iter(merged), ["main"]);

    stage.push(commit("alone", 40, "A root\n", &[], &[("x", "x")])).await;
    assert_eq!(repositories.merge_base(stage.project, "main", "alone").await.unwrap(), None);
}

#[tokio::test]
async fn refs_are_set_and_deleted() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();
    let main = stage.id("main").await;

    repositories.set_ref(stage.project, "refs/heads/df", &main).await.unwrap();
    assert!(repositories.set_ref(stage.project, "refs/heads/df/x", &main).await.is_err(), "df is in the way");
    repositories.delete_ref(stage.project, "refs/heads/df").await.unwrap();
    repositories.delete_ref(stage.project, "refs/heads/df").await.unwrap();
    repositories.set_ref(stage.project, "refs/heads/df/x", &main).await.unwrap();

    assert_eq!(repositories.refs(stage.project).await.unwrap().get("refs/heads/df/x"), Some(&main));
    repositories.set_default_branch(stage.project, "feature/ABC-1").await.unwrap();
    assert_eq!(repositories.default_branch(stage.project).await.unwrap().as_deref(), Some("feature/ABC-1"));
}

#[tokio::test]
async fn a_fork_borrows_and_survives_its_parent() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();

    let fork = stage.model.fork_project(stage.project, "olga", stage.owner).await.unwrap();
    assert_eq!(repositories.refs(fork).await.unwrap(), repositories.refs(stage.project).await.unwrap());
    let objects = std::fs::read_dir(repositories.path(fork).join("objects/pack")).unwrap().count();
    assert_eq!(objects, 0, "objects are borrowed, not copied");

    stage.model.delete_project(stage.project).await.unwrap();
    assert!(!repositories.exists(stage.project));
    let commits = CommitQuery { all: true, ..CommitQuery::default() };
    assert_eq!(repositories.commits(fork, &commits).await.unwrap().len(), 3);
    assert!(matches!(repositories.branches(stage.project).await, Err(RepositoryError::Missing(_))));

    stage.model.delete_project(fork).await.unwrap();
    assert!(!repositories.path(fork).exists(), "what nobody borrows is removed");
}

#[tokio::test]
async fn a_forks_commit_comes_over_when_it_is_needed() {
    let stage = with_history().await;
    let fork = stage.model.fork_project(stage.project, "olga", stage.owner).await.unwrap();
    let change = commit("fix", 50, "In the fork\n", &["refs/heads/main^0"], &[("fix.txt", "fix\n")]);
    stage.model.import(fork, stage.owner, change.into_bytes()).await.unwrap();
    let repositories = stage.model.repositories();
    let id = repositories.resolve(fork, "fix").await.unwrap().unwrap();
    assert_eq!(repositories.resolve(stage.project, &id).await.unwrap(), None);

    repositories.fetch_from(stage.project, fork, &id).await.unwrap();

    assert_eq!(repositories.commit(stage.project, &id).await.unwrap().unwrap().title(), "In the fork");
    assert!(!repositories.refs(stage.project).await.unwrap().contains_key("refs/heads/fix"), "no ref comes along");
}

#[tokio::test]
async fn a_directory_is_listed() {
    let stage = with_history().await;
    let repositories = stage.model.repositories();

    let top = repositories.tree(stage.project, "main", "").await.unwrap();
    let names: Vec<_> = top.iter().map(|row| (row.name.as_str(), row.size)).collect();
    assert_eq!(names, [("a.txt", Some(12)), ("dir", None)]);
    assert_eq!(repositories.tree(stage.project, "main", "dir").await.unwrap()[0].name, "b.txt");
    assert!(repositories.tree(stage.project, "main", "no/such").await.unwrap().is_empty());
}
