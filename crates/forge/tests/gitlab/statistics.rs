//! Lines and files of a commit.

use forge::Problem;
use model::{ObjectId, Statistics};

use crate::server::{Server, answer, json, not_found};

const SHA: &str = "1111111111111111111111111111111111111111";

fn sha() -> ObjectId {
    SHA.parse().unwrap()
}

#[tokio::test]
async fn totals_are_told_and_files_are_counted_over_all_pages() {
    // given
    let server = Server::start(|asked| match (asked.path.rsplit('/').next().unwrap(), asked.parameter("page")) {
        ("diff", None) => {
            let diff = r#"{"diff":"@@ -1 +1 @@\n-a\n+b\n","new_path":"f","old_path":"f"}"#;
            answer(200, &[("x-next-page", "2")], format!("[{}]", vec![diff; 100].join(",")))
        }
        ("diff", Some(page)) if page < "4" => {
            let diff = r#"{"diff":"","too_large":true,"new_path":"g","old_path":"g","new_file":true}"#;
            let next = (page.parse::<u32>().unwrap() + 1).to_string();
            answer(200, &[("x-next-page", &next)], format!("[{}]", vec![diff; 100].join(",")))
        }
        ("diff", _) => json(200, "[]"),
        (SHA, _) => json(200, format!(r#"{{"id":"{SHA}","stats":{{"additions":1234,"deletions":56,"total":1290}}}}"#)),
        _ => not_found(),
    })
    .await;

    // when
    let statistics = server.client().statistics("7", &sha()).await.unwrap();

    // then
    assert_eq!((statistics.additions, statistics.deletions, statistics.file_count), (1234, 56, 300));
    assert_eq!(statistics.files.len(), Statistics::MAX_FILES);
    assert_eq!((statistics.files[0].additions, statistics.files[0].deletions), (Some(1), Some(1)));
    assert_eq!((statistics.files[100].additions, statistics.files[100].change.as_str()), (None, "ADDED"));
}

#[tokio::test]
async fn a_diff_without_end_is_counted_up_to_a_bound() {
    // given
    let server = Server::start(|asked| match asked.path.rsplit('/').next().unwrap() {
        "diff" => {
            let next = asked.parameter("page").map_or(2, |page| page.parse::<u32>().unwrap() + 1).to_string();
            answer(200, &[("x-next-page", &next)], r#"[{"new_path":"f"}]"#)
        }
        _ => json(200, format!(r#"{{"id":"{SHA}"}}"#)),
    })
    .await;

    // when
    let statistics = server.client().statistics("7", &sha()).await.unwrap();

    // then
    assert_eq!((statistics.file_count, statistics.additions), (40, 0));
}

#[tokio::test]
async fn an_unknown_commit_is_not_found() {
    // given
    let server = Server::start(|_| json(404, r#"{"message":"404 Commit Not Found"}"#)).await;

    // then
    assert!(matches!(server.client().statistics("7", &sha()).await.unwrap_err().problem, Problem::NotFound));
}
