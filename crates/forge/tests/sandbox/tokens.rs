//! What a GitLab tells about the token that it is asked with.

use forge::{Auth, TokenDetail, TokenKind};
use model::secret::SecretString;
use sandbox::gitlab::model::{AccessLevel, Authorisation, Scopes};

use crate::place::{NOW, Place};

/// 2024-04-01T00:00:00Z.
const FIRST_OF_APRIL: i64 = 1_711_929_600_000;

#[tokio::test]
async fn the_tokens_of_people_projects_and_groups_are_told_apart() {
    // given
    let place = Place::new().await;
    let api = place.project("platform", "api").await;
    let model = place.server.model();
    let (scopes, level) = (|| Scopes::parse("api read_repository").unwrap(), AccessLevel::Maintainer);
    let end = Some(FIRST_OF_APRIL + 3_600_000);
    let tokens = [
        model.create_personal_token(place.anna, "p", scopes(), end),
        model.create_place_token(api, "j", scopes(), level, end).unwrap(),
        model.create_place_token(place.group, "g", scopes(), level, None).unwrap(),
    ];

    // when
    let mut told = Vec::new();
    for token in tokens {
        told.push(place.client_with(Auth::Token(token.into())).token().await.unwrap());
    }

    // then
    let detail = |expires_at, kind| TokenDetail { scopes: words(&["api", "read_repository"]), expires_at, kind };
    let day = Some(FIRST_OF_APRIL);
    assert_eq!(
        told,
        [detail(day, TokenKind::Personal), detail(day, TokenKind::Project), detail(None, TokenKind::Group)],
        "GitLab tells the day, whose beginning ends the token"
    );
}

#[tokio::test]
async fn an_oauth_token_tells_how_long_it_lives() {
    // given
    let place = Place::new().await;
    let (model, redirect) = (place.server.model(), "http://127.0.0.1:8080/oauth/callback");
    let keys = model.create_application(place.root, "Dovetail", &[redirect], Scopes::api()).unwrap();
    let (application, redirect_uri) = (keys.id, redirect.to_owned());
    let (user, scopes) = (place.anna, Scopes::api());
    let code = model.issue_code(Authorisation { application, user, redirect_uri, scopes, challenge: None });
    let pair = model.exchange_code((&keys.client_id, &keys.secret), &code, redirect, None).unwrap();
    place.clock.advance(1_000_000);

    // when
    let told = place.client_with(Auth::Oauth(SecretString::from(pair.access_token))).token().await.unwrap();

    // then
    let expires_at = Some(NOW + 7_200_000);
    assert_eq!(told, TokenDetail { scopes: words(&["api"]), expires_at, kind: TokenKind::Oauth });
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
