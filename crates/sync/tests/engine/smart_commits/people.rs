//! Who the author of a commit is.

use model::Clock as _;
use rstest::rstest;
use store::{NewPersonAlias, PersonAliasKind};

use super::town::{Pushed, Town, done};
use crate::world::Database;

#[rstest]
#[case::sqlite(Database::Sqlite)]
#[case::postgres(Database::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_alias_says_who_somebody_is(#[case] database: Database) {
    // given aliases of an e-mail that nobody has in Jira, and of a user of the forge who hides theirs
    let Some(town) = Town::new(database).await else { return };
    let alias = |kind, written: &str| NewPersonAlias { kind, written: written.to_owned(), jira_user: "ben".to_owned() };
    let aliases = [alias(PersonAliasKind::Email, "Ben@Home.example.com"), alias(PersonAliasKind::ForgeUser, "bokafor")];
    let store = &town.world.store;
    store.person_alias_put(town.site, &aliases, town.world.clock.now()).await.unwrap();

    // when
    town.push(&[
        Pushed::new("PLAT-1 #comment by alias").by("Ben", "ben@home.example.com"),
        Pushed::new("PLAT-1 #comment hidden").by("Ben", "17-bokafor@users.noreply.gitlab.example.com"),
        Pushed::new("PLAT-1 #comment in any case").by("Ben", "BEN@example.com"),
    ])
    .await;

    // then
    assert_eq!(town.told("PLAT-1").await, [done("comment"), done("comment"), done("comment")]);
    assert_eq!(town.comments("PLAT-1"), ["by alias", "hidden", "in any case"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_stands_over_the_e_mail_and_helps_where_jira_hides_them() {
    // given
    let town = Town::new(Database::Sqlite).await.unwrap();
    town.jira.switches().emails(sandbox::jira::model::EmailVisibility::Hidden);
    let alias = NewPersonAlias {
        kind: PersonAliasKind::Email,
        written: "ada@example.com".to_owned(),
        jira_user: "ada".to_owned(),
    };
    town.world.store.person_alias_put(town.site, &[alias], town.world.clock.now()).await.unwrap();

    // when
    town.say("PLAT-1 #comment found").await;

    // then
    assert_eq!(town.comments("PLAT-1"), ["found"]);
}
