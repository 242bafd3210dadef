//! Registering hooks: whatever was there before, one is there after.

use axum::http::StatusCode;
use forge::{HookRefusal, HookTarget, Problem};
use model::secret::ExposeSecret as _;
use sandbox::gitlab::model::{AccessLevel, AlertStatus, Hook, HookChange, HookEvent, ProjectId, Scopes};

use crate::listener::{Listener, address};
use crate::place::{Place, history, user};

const PUBLIC: &str = "https://dovetail.example.com";

async fn project() -> (Place, ProjectId, String) {
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    let id = api.to_string();
    (place, api, id)
}

fn hooks(place: &Place, project: ProjectId) -> Vec<Hook> {
    place.server.model().hooks_at(project)
}

#[tokio::test]
async fn registering_twice_makes_one_hook() {
    // given
    let (place, api, id) = project().await;
    let (client, address) = (place.client(), address(PUBLIC));

    // when
    let first = client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();
    let writes = place.server.requests().count("");
    let second = client.hook_register(HookTarget::Repository(&id), &address, Some(&first.forge_id)).await.unwrap();

    // then
    assert_eq!(first, second);
    assert!(!first.disabled);
    let [hook] = &hooks(&place, api)[..] else { panic!("one hook") };
    assert_eq!((hook.id.to_string(), hook.url.as_str()), (first.forge_id, address.url.as_str()));
    assert_eq!(hook.token.as_deref(), Some(address.secret.expose_secret()));
    let events: Vec<HookEvent> = hook.events.iter().copied().collect();
    assert_eq!(events, [HookEvent::Push, HookEvent::MergeRequests, HookEvent::Notes]);
    assert!(hook.verify_tls);
    assert_eq!(hook.name.as_deref(), Some("Dovetail"));
    assert_eq!(place.server.requests().count(""), writes + 1, "an unchanged hook costs one request");
}

#[tokio::test]
async fn a_changed_hook_is_repaired() {
    // given
    let (place, api, id) = project().await;
    let (client, address, model) = (place.client(), address(PUBLIC), place.server.model());
    let made = client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();
    let changes = [
        HookChange { events: vec![(HookEvent::Push, false)], ..HookChange::default() },
        HookChange { events: vec![(HookEvent::Notes, false)], ..HookChange::default() },
        HookChange { events: vec![(HookEvent::MergeRequests, false)], ..HookChange::default() },
        HookChange { events: vec![(HookEvent::Pipelines, true)], ..HookChange::default() },
        HookChange { branch_filter: Some("main".into()), ..HookChange::default() },
        HookChange { url: Some("https://elsewhere.example.com/".into()), ..HookChange::default() },
    ];
    for change in changes {
        let told = format!("{change:?}");
        model.update_hook(hooks(&place, api)[0].id, change).unwrap();

        // when
        let again = client.hook_register(HookTarget::Repository(&id), &address, Some(&made.forge_id)).await.unwrap();

        // then
        let [hook] = &hooks(&place, api)[..] else { panic!("one hook after {told}") };
        assert_eq!(again, made, "{told}");
        assert_eq!((hook.url.as_str(), &hook.branch_filter), (address.url.as_str(), &None), "{told}");
        assert_eq!(hook.events.len(), 3, "{told}");
        assert_eq!(hook.token.as_deref(), Some(address.secret.expose_secret()), "{told}");
    }
}

#[tokio::test]
async fn certificates_that_an_administrator_leaves_unchecked_stay_so() {
    // given
    let (place, api, id) = project().await;
    let (client, address) = (place.client(), address(PUBLIC));
    client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();
    let off = HookChange { verify_tls: Some(false), events: vec![(HookEvent::Notes, false)], ..HookChange::default() };
    place.server.model().update_hook(hooks(&place, api)[0].id, off).unwrap();

    // when
    client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();

    // then
    let hook = &hooks(&place, api)[0];
    assert!(hook.events.contains(&HookEvent::Notes) && !hook.verify_tls);
}

#[tokio::test]
async fn our_hook_is_found_under_an_older_public_address() {
    // given
    let (place, api, id) = project().await;
    let client = place.client();
    let mut moved = address("https://old.example.com/dovetail");
    let made = client.hook_register(HookTarget::Repository(&id), &moved, None).await.unwrap();

    // when
    moved.url = address(PUBLIC).url;
    let again = client.hook_register(HookTarget::Repository(&id), &moved, None).await.unwrap();

    // then
    let [hook] = &hooks(&place, api)[..] else { panic!("one hook") };
    assert_eq!((again, hook.url.as_str()), (made, moved.url.as_str()));
    assert_eq!(hook.token.as_deref(), Some(moved.secret.expose_secret()), "GitLab forgets it with the old address");
}

#[tokio::test]
async fn the_hooks_of_others_are_left_alone() {
    // given
    let (place, api, id) = project().await;
    let (client, address, model) = (place.client(), address(PUBLIC), place.server.model());
    let others = [
        "https://ci.example.com/",
        "https://dovetail.example.com/hooks/gitlab/ffffffffffffffffffffffffffffffff",
        "https://dovetail.example.com/hooks/github/0123456789abcdef0123456789abcdef",
    ];
    for url in others {
        model.create_hook(api, HookChange { url: Some(url.into()), ..HookChange::default() }).unwrap();
    }
    let before = format!("{:?}", hooks(&place, api));

    // when
    let made = client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();
    client.hook_remove(HookTarget::Repository(&id), &made.forge_id).await.unwrap();
    client.hook_remove(HookTarget::Repository(&id), &made.forge_id).await.unwrap();

    // then
    assert_eq!(format!("{:?}", hooks(&place, api)), before, "and removing what is gone is no failure");
}

#[tokio::test]
async fn a_second_hook_of_ours_goes() {
    // given
    let (place, api, id) = project().await;
    let (client, address, model) = (place.client(), address(PUBLIC), place.server.model());
    for public in ["https://old.example.com", PUBLIC, PUBLIC] {
        let url = format!("{public}{}", address.url.path());
        model.create_hook(api, HookChange { url: Some(url), ..HookChange::default() }).unwrap();
    }

    // when
    client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap();

    // then
    let [hook] = &hooks(&place, api)[..] else { panic!("one hook") };
    assert_eq!((hook.url.as_str(), hook.events.len()), (address.url.as_str(), 3));
}

#[tokio::test]
async fn a_group_has_one_hook_for_its_owners_only() {
    // given
    let place = Place::new().await;
    let (model, group, address) = (place.server.model(), place.group.to_string(), address(PUBLIC));
    let owner = model.create_user(user("olga", false)).unwrap();
    model.add_member(place.group, owner, AccessLevel::Owner);
    let owner = model.create_personal_token(owner, "owner", Scopes::api(), None);
    let owner = place.client_with(forge::Auth::Token(owner.into()));

    // when
    let maintainer = place.client().hook_register(HookTarget::Group(&group), &address, None).await.unwrap_err();
    let first = owner.hook_register(HookTarget::Group(&group), &address, None).await.unwrap();
    let second = owner.hook_register(HookTarget::Group(&group), &address, None).await.unwrap();

    // then
    assert!(matches!(maintainer.problem, Problem::Forbidden), "{maintainer:?}");
    assert_eq!((first, model.hooks_at(place.group).len()), (second, 1));
}

#[tokio::test]
async fn what_the_credential_may_not_do_is_told() {
    // given
    let (place, api, id) = project().await;
    let (model, address) = (place.server.model(), address(PUBLIC));
    let developer = model.create_user(user("dora", false)).unwrap();
    model.add_member(api, developer, AccessLevel::Developer);
    let problem = async |token: String| {
        let client = place.client_with(forge::Auth::Token(token.into()));
        client.hook_register(HookTarget::Repository(&id), &address, None).await.unwrap_err()
    };

    // when
    let developer = problem(model.create_personal_token(developer, "api", Scopes::api(), None)).await;
    let reading = Scopes::parse("read_api").unwrap();
    let reading = problem(model.create_personal_token(place.anna, "read", reading, None)).await;
    let stranger = model.create_user(user("sven", false)).unwrap();
    let stranger = problem(model.create_personal_token(stranger, "api", Scopes::api(), None)).await;

    // then
    assert!(matches!(developer.problem, Problem::Forbidden), "{developer:?}");
    assert!(developer.cause().contains("Maintainers") && developer.remedy().contains("paste"), "{developer}");
    assert!(matches!(reading.problem, Problem::InsufficientScope), "{reading:?}");
    assert!(matches!(stranger.problem, Problem::NotFound), "{stranger:?}");
    assert!(hooks(&place, api).is_empty());
}

#[tokio::test]
async fn where_a_group_has_no_hooks_each_project_has_one() {
    for status in [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
        // given a server of the free tier
        let (place, api, id) = project().await;
        place.server.switches().no_group_hooks(status);
        let root = place.server.model().create_personal_token(place.root, "root", Scopes::api(), None);
        let (root, group) = (place.client_with(forge::Auth::Token(root.into())), place.group.to_string());

        // when
        let refused = root.hook_register(HookTarget::Group(&group), &address(PUBLIC), None).await.unwrap_err();
        root.hook_register(HookTarget::Repository(&id), &address(PUBLIC), None).await.unwrap();

        // then
        assert!(matches!(refused.problem, Problem::Forbidden | Problem::NotFound), "{refused:?}");
        assert!(refused.remedy().contains("in each project instead"), "{}", refused.remedy());
        assert_eq!(hooks(&place, api).len(), 1);
    }
}

#[tokio::test]
async fn an_address_that_the_host_does_not_call_is_told() {
    // given
    let (place, _, id) = project().await;
    place.server.switches().no_local_hooks();

    // when
    let local = address("http://10.1.2.3:8080");
    let refused = place.client().hook_register(HookTarget::Repository(&id), &local, None).await.unwrap_err();

    // then
    assert!(matches!(refused.problem, Problem::HookRefused { why: HookRefusal::Address, .. }), "{refused:?}");
    assert!(refused.happened().contains("“Invalid url given”"), "{refused}");
}

#[tokio::test]
async fn a_hook_that_was_switched_off_works_again() {
    // given calls that failed until GitLab makes no more
    let (place, api, id) = project().await;
    let (client, target, listener) = (place.client(), HookTarget::Repository(&id), Listener::start().await);
    let made = client.hook_register(target, &listener.address, None).await.unwrap();
    listener.answer(StatusCode::INTERNAL_SERVER_ERROR);
    place.push(api, history("main", None, 1)).await;
    for _ in 0..4 {
        place.push(api, history("main", Some("refs/heads/main^0"), 1)).await;
    }
    listener.calls(&place).await;
    let status = || place.server.model().alert_status(hooks(&place, api)[0].id).unwrap();
    assert_eq!(status(), AlertStatus::TemporarilyDisabled);

    // when it is registered again, first while calls still fail
    let still = client.hook_register(target, &listener.address, Some(&made.forge_id)).await.unwrap();
    listener.answer(StatusCode::OK);
    let works = client.hook_register(target, &listener.address, Some(&made.forge_id)).await.unwrap();

    // then
    assert_eq!((still.disabled, works.disabled), (true, false));
    assert_eq!((status(), works.forge_id, hooks(&place, api).len()), (AlertStatus::Executable, made.forge_id, 1));
}

#[tokio::test]
async fn a_full_list_of_hooks_is_told() {
    // given
    let (place, api, id) = project().await;
    for number in 0..100 {
        let url = Some(format!("https://ci.example.com/{number}"));
        place.server.model().create_hook(api, HookChange { url, ..HookChange::default() }).unwrap();
    }

    // when
    let full = place.client().hook_register(HookTarget::Repository(&id), &address(PUBLIC), None).await.unwrap_err();

    // then
    assert!(matches!(full.problem, Problem::HookRefused { why: HookRefusal::Full, .. }), "{full:?}");
}

#[tokio::test]
async fn a_test_calls_the_hook_or_says_why_not() {
    // given
    let (place, api, id) = project().await;
    let (client, target) = (place.client(), HookTarget::Repository(&id));
    let listener = Listener::start().await;
    let hook = client.hook_register(target, &listener.address, None).await.unwrap().forge_id;

    // when
    let empty = client.hook_test(target, &hook).await.unwrap_err();
    let missing = client.hook_test(target, "999").await.unwrap_err();
    place.push(api, history("main", None, 1)).await;
    listener.calls(&place).await;
    client.hook_test(target, &hook).await.unwrap();

    // then
    assert!(matches!(empty.problem, Problem::HookRefused { why: HookRefusal::NothingToTell, .. }), "{empty:?}");
    assert!(empty.happened().contains("“Ensure the project has at least one commit.”"), "{empty}");
    assert!(matches!(missing.problem, Problem::NotFound), "{missing:?}");
    assert_eq!(listener.calls(&place).await.len(), 1);
}
