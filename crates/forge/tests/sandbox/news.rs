//! What changed among the merge requests of a whole group.

use forge::Problem;
use sandbox::gitlab::model::{MergeRequestId, NewMergeRequest, ProjectId};

use crate::place::{NOW, Place, history};

async fn with_branches(place: &Place, path: &str, count: usize) -> ProjectId {
    let (namespace, name) = path.rsplit_once('/').unwrap();
    let project = place.project(namespace, name).await;
    let branches: String =
        (0..count).map(|number| history(&format!("b{number}"), Some("refs/heads/main"), 1)).collect();
    place.push(project, history("main", None, 1) + &branches).await;
    project
}

async fn open(place: &Place, project: ProjectId, branch: &str) -> MergeRequestId {
    let new = NewMergeRequest::within(project, branch, "main", branch, place.anna);
    place.server.model().open_merge_request(new).await.unwrap()
}

#[tokio::test]
async fn one_list_tells_which_projects_of_a_group_have_news() {
    // given
    let place = Place::new().await;
    let model = place.server.model();
    let api = with_branches(&place, "platform/api", 2).await;
    let deep = with_branches(&place, "platform/backend/deep", 1).await;
    let old = with_branches(&place, "platform/old", 1).await;
    let quiet = with_branches(&place, "platform/quiet", 1).await;
    open(&place, quiet, "b0").await;
    place.clock.advance(60_000);
    open(&place, deep, "b0").await;
    place.clock.advance(60_000);
    open(&place, api, "b0").await;
    open(&place, api, "b1").await;
    open(&place, old, "b0").await;
    model.archive(old, true);
    let (client, platform) = (place.client(), place.platform().await);

    // when
    let all = client.account_merge_requests(&platform, None, None).await.unwrap();
    let news = client.account_merge_requests(&platform, Some(NOW + 1), None).await.unwrap();
    let none = client.account_merge_requests(&platform, Some(NOW + 200_000), None).await.unwrap();

    // then
    let ids = |projects: &[ProjectId]| projects.iter().map(ProjectId::to_string).collect::<Vec<_>>();
    assert_eq!(all.repositories, ids(&[quiet, deep, api, old]));
    assert_eq!((news.repositories, news.until), (ids(&[deep, api, old]), Some(NOW + 120_000)));
    assert_eq!((none.repositories.len(), none.until, none.next), (0, None, None));
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    // given
    let place = Place::new().await;
    let api = with_branches(&place, "platform/api", 101).await;
    for number in 0..101 {
        open(&place, api, &format!("b{number}")).await;
    }
    let (client, platform) = (place.client(), place.platform().await);

    // when
    let first = client.account_merge_requests(&platform, None, None).await.unwrap();
    let second = client.account_merge_requests(&platform, None, first.next.clone()).await.unwrap();

    // then
    assert!(first.next.is_some() && second.next.is_none());
    assert_eq!((first.repositories, second.repositories), (vec![api.to_string()], vec![api.to_string()]));
}

#[tokio::test]
async fn a_personal_namespace_has_no_such_list() {
    // given
    let place = Place::new().await;
    let anna = place.client().account("anna").await.unwrap();
    let asked = place.server.requests().count("");

    // when
    let error = place.client().account_merge_requests(&anna, None, None).await.unwrap_err();

    // then
    assert!(matches!(error.problem, Problem::NotAvailable), "{error:?}");
    assert_eq!(place.server.requests().count(""), asked, "and nobody is asked for it");
}
