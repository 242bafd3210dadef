//! Who is who, and who may do what.

use jira::{Problem, RestAuth};
use rstest::rstest;
use sandbox::jira::model::{EmailVisibility, NewUser, Permission};

use crate::world::{World, problem};

async fn world(cloud: bool) -> World {
    if cloud { World::cloud().await } else { World::data_center().await }
}

#[rstest]
#[tokio::test]
async fn credentials_belong_to_somebody(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let me = world.rest.myself().await.unwrap();
    assert_eq!((me.id, me.name.as_str(), me.active), (world.id(world.root), "Administrator", true));
    assert_eq!(me.email.as_deref(), Some("root@example.com"));
    for auth in [RestAuth::Bearer("wrong".to_owned().into()), RestAuth::None] {
        assert_eq!(problem(world.rest_with(auth).myself().await), (Problem::Unauthorised, false));
    }
    let wrong = RestAuth::Basic { user: "ada".to_owned(), secret: "wrong".to_owned().into() };
    assert_eq!(problem(world.rest_with(wrong).myself().await).0, Problem::Unauthorised);
}

#[tokio::test]
async fn a_password_is_good_until_a_captcha_is_wanted() {
    // given
    let world = World::data_center().await;
    let with =
        |secret: &str| world.rest_with(RestAuth::Basic { user: "ada".to_owned(), secret: secret.to_owned().into() });
    assert_eq!(with("ada-password").myself().await.unwrap().id, "ada");

    // when
    for _ in 0..5 {
        let _ = with("wrong").myself().await;
    }

    // then
    let error = with("ada-password").myself().await.unwrap_err();
    assert_eq!((error.problem, error.is_temporary()), (Problem::Captcha, false));
}

#[rstest]
#[tokio::test]
async fn people_are_found_by_exactly_their_email(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let user = |login: &str, email: &str| NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        email: email.to_owned(),
        ..NewUser::default()
    };
    world.model().create_user(user("adalbert", "ada@example.com.invalid")).unwrap();
    let found = world.rest.people_by_email("ADA@Example.com").await.unwrap();
    assert_eq!(found.iter().map(|it| it.id.clone()).collect::<Vec<_>>(), [world.id(world.ada)]);
    assert!(found[0].active);

    // a second one with the same, inactive
    let twin = world.model().create_user(user("ada2", "Ada@Example.com")).unwrap();
    world.model().change_user(twin, |user| user.active = false);
    let mut found = world.rest.people_by_email("ada@example.com").await.unwrap();
    found.sort_by_key(|person| !person.active);
    assert_eq!(found.iter().map(|it| it.active).collect::<Vec<_>>(), [true, false]);

    assert_eq!(world.rest.people_by_email("da@example.com").await.unwrap(), []);
    assert_eq!(world.rest.people_by_email("  ").await.unwrap(), []);
    assert_eq!(world.rest.people_by_email("a&username=ada?x=1#").await.unwrap(), []);
}

#[rstest]
#[tokio::test]
async fn hidden_emails_are_told_from_wrong_ones(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    for hidden in [EmailVisibility::Masked, EmailVisibility::Hidden] {
        world.server.switches().emails(hidden);
        assert_eq!(world.rest.myself().await.unwrap().email, None);
        let found = world.rest.people_by_email("ada@example.com").await.unwrap();
        assert!(found.iter().all(|person| person.email.is_none()), "{found:?}");
    }
}

#[tokio::test]
async fn no_debug_text_shows_an_email() {
    let world = World::data_center().await;
    let me = world.rest.myself().await.unwrap();
    let auth = RestAuth::Basic { user: "root@example.com".to_owned(), secret: "s3cret".to_owned().into() };
    let shown = format!("{me:?} {auth:?} {:?}", world.rest);
    assert!(!shown.contains("example.com") && !shown.contains("s3cret"), "{shown}");
}

#[rstest]
#[tokio::test]
async fn an_administrator_asks_what_somebody_may(#[values(false, true)] cloud: bool) {
    let world = world(cloud).await;
    let (model, ada) = (world.model(), world.id(world.ada));
    model.allow_only(world.abc, world.ada, &[Permission::BrowseProjects, Permission::AddComments]);
    // a name that contains hers
    let other = NewUser { login: "ada2".to_owned(), name: "Ada".to_owned(), ..NewUser::default() };
    model.create_user(other).unwrap();
    let may = async |key: &str, permissions: &[&str]| world.rest.may(&ada, key, permissions).await;
    assert!(may("ABC-1", &["ADD_COMMENTS"]).await.unwrap());
    assert!(!may("ABC-1", &["ADD_COMMENTS", "WORK_ON_ISSUES"]).await.unwrap());
    assert!(may("PAY-1", &["ADD_COMMENTS", "WORK_ON_ISSUES"]).await.unwrap());
    assert_eq!(problem(may("ABC-99", &["ADD_COMMENTS"]).await).0, Problem::NotFound);
    assert!(!world.rest.may("ad", "PAY-1", &["ADD_COMMENTS"]).await.unwrap(), "the beginning of a name is none");

    // one who does not administer may not ask
    assert_eq!(problem(world.rest(world.ada).may(&ada, "ABC-1", &["ADD_COMMENTS"]).await).0, Problem::Forbidden);
    // and there may be a day when nobody can
    world.server.switches().no_permission_search();
    assert_eq!(problem(may("ABC-1", &["ADD_COMMENTS"]).await).0, Problem::NotFound);
}
