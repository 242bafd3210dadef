//! Repositories on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures::StreamExt;
use git::{Filter, Git, GitError, Remote};

use crate::world::{World, all, commits, messages};

/// Every file below a folder with its length and time.
fn snapshot(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let data = entry.metadata().unwrap();
        found.push((entry.path(), data.len(), data.modified().unwrap()));
        if data.is_dir() {
            found.extend(snapshot(&entry.path()));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_repository_is_read_in_place_and_nothing_is_written() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["ABC-1 one", "ABC-2 two"], None)).await;
    let remote = Remote::Local(repository.clone());
    let before = snapshot(&world.path(""));

    let refs = world.git.ls_refs(&remote).await.unwrap();
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    let heads: Vec<_> = refs.branches.iter().map(|branch| branch.head.clone()).collect();
    cache.fetch(&remote, &heads, &[], Filter::Treeless).await.unwrap();
    let found = all(cache.commits(cache.gained(&heads, &[]).await.unwrap())).await;
    cache.gc().await.unwrap();

    assert_eq!((refs.requests, refs.default_branch.as_deref()), (0, Some("main")));
    assert_eq!(messages(&found), ["ABC-2 two", "ABC-1 one"]);
    assert_eq!(snapshot(&world.path("")), before);
}

#[tokio::test]
async fn a_working_folder_a_detached_head_and_names_that_are_no_text() {
    let world = World::new();
    let folder = world.path("work");
    fs::create_dir(&folder).unwrap();
    let path = folder.to_str().unwrap();
    world.git.command(["init", "-q", "--initial-branch=main", path]).output().await.unwrap();
    world.git.fast_import(&folder.join(".git"), commits("main", &["one"], None).as_bytes()).await.unwrap();
    let head = world.head(&folder.join(".git"), "main").await;
    fs::write(folder.join(".git/HEAD"), format!("{head}\n")).unwrap();
    let line = [b"update refs/heads/caf\xe9\0".as_slice(), head.as_str().as_bytes(), b"\0\0"].concat();
    let update = world.git.command(["update-ref", "--stdin", "-z"]).repository(&folder.join(".git")).input(line);
    update.output().await.unwrap();

    let refs = world.git.ls_refs(&Remote::Local(folder)).await.unwrap();

    let names: Vec<&str> = refs.branches.iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!((names, refs.undecodable, refs.default_branch), (vec!["main"], 1, None));
}

#[tokio::test]
async fn a_path_means_itself_and_no_parent() {
    let world = World::new();
    let folder = world.path("work");
    fs::create_dir_all(folder.join("inside")).unwrap();
    world.git.command(["init", "-q", folder.to_str().unwrap()]).output().await.unwrap();
    fs::write(world.path("file"), "").unwrap();
    for path in [folder.join("inside"), world.path(""), world.path("missing"), world.path("file")] {
        let error = world.git.ls_refs(&Remote::Local(path.clone())).await.unwrap_err();
        assert_eq!(error, GitError::NotARepository, "{}", path.display());
    }
    assert!(world.git.ls_refs(&Remote::Local(folder)).await.is_ok());
}

#[tokio::test]
async fn an_empty_repository_has_nothing_and_no_error() {
    let world = World::new();
    let remote = Remote::Local(world.repository("a.git", "").await);
    let cache = world.git.cache(&world.path("cache"), &remote, false).await.unwrap();
    assert!(world.git.ls_refs(&remote).await.unwrap().branches.is_empty());
    assert_eq!(cache.visit_commits(|_| ()).await.unwrap(), 0);
}

/// git with the variable by which its own tests pretend that every repository belongs to someone else.
#[cfg(unix)]
fn suspicious_git(world: &World) -> Git {
    use std::os::unix::fs::PermissionsExt;
    let script = world.path("suspicious-git");
    fs::write(&script, "#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git \"$@\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    Git::with_program(script)
}

#[cfg(unix)]
#[tokio::test]
async fn repositories_of_other_users_are_read() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["ABC-1 one"], None)).await;
    let git = suspicious_git(&world);
    let remote = Remote::Local(repository.clone());
    let careful = git.command(["-C", repository.to_str().unwrap(), "rev-parse", "--absolute-git-dir"]);
    let refused = careful.config("safe.directory", "").output().await;
    assert!(refused.unwrap_err().to_string().contains("dubious ownership"), "the pretence works");

    let cache = git.cache(&world.path("cache"), &remote, false).await.unwrap();

    assert_eq!(messages(&all(cache.all_commits()).await), ["ABC-1 one"]);
    assert_eq!(git.ls_refs(&remote).await.unwrap().branches.len(), 1);
}

#[tokio::test]
async fn replacements_are_not_what_forges_show() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two"], None)).await;
    let head = world.head(&repository, "main").await;
    let other = world.git.rev_parse(&repository, "main~1").await.unwrap().unwrap();
    let replace = git::RefUpdate::Set { name: format!("refs/replace/{head}"), id: other };
    world.git.update_refs(&repository, &[replace]).await.unwrap();
    let cache = world.git.cache(&world.path("cache"), &Remote::Local(repository), false).await.unwrap();
    assert_eq!(messages(&all(cache.all_commits()).await), ["two", "one"]);
}

#[tokio::test]
async fn a_broken_history_is_an_error_and_not_a_short_one() {
    let world = World::new();
    let repository = world.repository("a.git", &commits("main", &["one", "two"], None)).await;
    let parent = world.git.rev_parse(&repository, "main~1").await.unwrap().unwrap();
    let (folder, file) = parent.as_str().split_at(2);
    fs::remove_file(repository.join("objects").join(folder).join(file)).unwrap();
    let cache = world.git.cache(&world.path("cache"), &Remote::Local(repository), false).await.unwrap();

    let visited = cache.visit_commits(|_| ()).await;
    let streamed: Vec<_> = cache.all_commits().collect().await;

    assert!(visited.is_err(), "{visited:?}");
    assert!(streamed.last().unwrap().is_err(), "{streamed:?}");
}

#[tokio::test]
async fn the_callers_environment_does_not_reach_git() {
    let world = World::new();
    let shown = world.git.command(["config", "--list", "--show-origin"]).output().await.unwrap();
    let origins = String::from_utf8(shown).unwrap();
    let foreign: Vec<&str> = origins.lines().filter(|line| !line.starts_with("command line:")).collect();
    assert!(foreign.iter().all(|line| line.starts_with("file:.git/")), "{foreign:?}");
}
