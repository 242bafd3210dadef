//! Lines and files of a commit.

use model::Statistics;
use serde_json::{Value, json as value};

use crate::server::{GITHUB, Server, answer, copy};

const SHA: &str = "1111111111111111111111111111111111111111";

fn commit(files: &[Value], stats: &Value) -> String {
    value!({ "sha": SHA, "commit": { "message": "x" }, "parents": [], "stats": stats, "files": files }).to_string()
}

#[tokio::test]
async fn all_pages_of_files_are_counted_and_the_first_ones_kept() {
    // given two pages of 300 and 20 files
    let server = Server::start(|asked| {
        let second = asked.parameter("page") == Some("2");
        let file = |number: usize| value!({ "filename": format!("f{number}"), "status": "modified", "additions": 2, "deletions": 1 });
        let files: Vec<Value> = (0..if second { 20 } else { 300 }).map(file).collect();
        let body = commit(&files, &value!({ "additions": 640, "deletions": 320, "total": 960 }));
        let link = ("link", "<http://h/repositories/7/commits/x?page=2>; rel=\"next\"");
        let headers = [GITHUB, link];
        answer(200, if second { &headers[..1] } else { &headers }, body)
    })
    .await;

    // when
    let statistics = server.client().statistics("7", &SHA.parse().unwrap()).await.unwrap();

    // then
    assert_eq!((statistics.additions, statistics.deletions, statistics.file_count), (640, 320, 320));
    assert_eq!(statistics.files.len(), Statistics::MAX_FILES);
    assert_eq!((statistics.files[0].additions, statistics.files[0].deletions), (Some(2), Some(1)));
    assert_eq!(
        server.paths(),
        [format!("/api/v3/repositories/7/commits/{SHA}"), format!("/api/v3/repositories/7/commits/{SHA}")]
    );
}

#[tokio::test]
async fn where_no_totals_are_told_they_are_those_of_the_files() {
    // given
    let server = Server::start(|_| {
        let files = [
            value!({ "filename": "new", "status": "added", "additions": 3, "changes": 3 }),
            value!({ "filename": "old", "status": "removed", "deletions": 2, "changes": 2 }),
        ];
        copy(200, commit(&files, &Value::Null))
    })
    .await;

    // when
    let statistics = server.client().statistics("acme/api", &SHA.parse().unwrap()).await.unwrap();

    // then
    assert_eq!((statistics.additions, statistics.deletions, statistics.file_count), (3, 2, 2));
    let files: Vec<_> = statistics.files.iter().map(|file| (file.path.as_str(), file.change.as_str())).collect();
    assert_eq!(files, [("new", "ADDED"), ("old", "REMOVED")]);
}
