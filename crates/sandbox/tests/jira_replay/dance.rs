//! Adding an account: the probe, the browser's way, and the trade of the code.

use sandbox::jira_replay::{Browser, Jira, JiraOptions, Token, Words};
use url::Url;

use crate::host::{Answer, Host};
use crate::widget::{JIRA, TOKEN};

const TRADE: &str = "POST /login/oauth/access_token";
const AUTHORIZE: &str = "GET /login/oauth/authorize";

/// Where Jira tells the host to send the browser back to.
fn back(jira: &Jira) -> String {
    let away = Url::parse(&jira.authorize_url("acme", "the-id")).unwrap();
    let pairs: Vec<(String, String)> = away.query_pairs().into_owned().collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["scope", "client_id", "redirect_uri"]);
    pairs[2].1.clone()
}

/// Dances with a browser that follows redirects.
async fn connect(jira: &Jira) -> Result<Token, Words> {
    let browser = Browser::new(JIRA).unwrap();
    jira.connect("acme", "the-id", "the secret&", async |url| browser.open(url).await).await
}

/// A host that sends the browser back with a code.
async fn agreeing() -> (Host, Jira) {
    let host = Host::start().await;
    let jira = host.jira();
    host.on(AUTHORIZE, Answer::new(302, "").with("location", &format!("{}&code=c%2Fo", back(&jira))));
    host.on(TRADE, Answer::new(200, &format!("access_token={TOKEN}&scope=repo&token_type=bearer")));
    (host, jira)
}

#[tokio::test]
async fn a_host_that_knows_the_user_or_forbids_the_question_is_a_github() {
    let host = Host::start().await;
    for (status, is_one) in [(200, true), (403, true), (404, false), (410, false), (500, false)] {
        host.on("GET /api/v3/users/acme", Answer::new(status, "{}"));
        let said = host.jira().identify("acme").await;
        assert_eq!(said.is_ok(), is_one, "{status}");
    }
    // without credentials
    assert_eq!(host.take()[0].header("authorization"), None);
    let said = host.jira().identify("nobody").await.unwrap_err().to_string();
    assert_eq!(said, format!("The url [{}/nobody] is incorrect or the server is not responding.", host.url));
}

#[test]
fn the_browser_is_sent_to_the_host_as_jira_does_it() {
    let jira = Jira::new("https://git.example.com/", JiraOptions::new("https://jira.example.com/jira/")).unwrap();
    assert_eq!(
        jira.authorize_url("acme", "the-id"),
        "https://git.example.com/login/oauth/authorize?scope=repo&client_id=the-id&redirect_uri=https%3A%2F%2Fjira.example.com%2Fjira\
         %2Fsecure%2Fadmin%2FAddOrganizationProgressAction%21default.jspa%3Furl%3Dhttps%3A%2F%2Fgit.example.com%26atl_token%3D\
         BP8Q-WXN6-SKX3-NB5M_replay_lin%26organization%3Dacme%26autoLinking%3Dtrue%26autoSmartCommits%3Dtrue%26t%3D3"
    );
}

#[tokio::test]
async fn a_code_becomes_a_token() {
    // given a host that agrees
    let (host, jira) = agreeing().await;
    // when Jira dances
    let token = connect(&jira).await.unwrap();
    // then it has the token, up to the first sign
    assert_eq!(token.text(), TOKEN);
    // and the form was sent as Java sends it, nothing of it encoded
    let trade = host.take().pop().unwrap();
    assert_eq!(trade.line, TRADE);
    assert_eq!(trade.body, "client_id=the-id&client_secret=the secret&&code=c/o");
    assert_eq!(trade.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(trade.header("accept"), Some("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"));
    assert!(trade.header("user-agent").unwrap().starts_with("Java/"));
    assert_eq!(trade.header("authorization"), None);
}

#[tokio::test]
async fn answers_that_jira_does_not_understand_are_worded_its_way() {
    let (host, jira) = agreeing().await;
    let unreachable = format!("Error obtaining access token. Cannot access {} from Jira.", host.url);
    let invalid = "Error obtaining access token. Response is invalid. Possibly bug in releases of GitHub Enterprise prior to \
                   11.10.290.";
    let cases = [
        (200, "error=incorrect_client_credentials", "Error obtaining access token: Incorrect client credentials"),
        (200, "error=bad_verification_code", "Error obtaining access token: Bad verification code"),
        (200, "error=redirect_uri_mismatch", "Error obtaining access token: redirect_uri_mismatch"),
        (200, r#"{"access_token":"a-token"}"#, invalid),
        (200, "token_type=bearer&access_token=a-token", invalid),
        (200, "", invalid),
        (400, "error=bad_verification_code", &unreachable),
        (401, "access_token=a-token", &unreachable),
        (201, "access_token=a-token", &unreachable),
        (500, "", &unreachable),
    ];
    for (status, body, words) in cases {
        host.on(TRADE, Answer::new(status, body));
        assert_eq!(connect(&jira).await.unwrap_err().to_string(), words, "{status} {body}");
    }
}

#[tokio::test]
async fn a_host_that_is_away_cannot_be_accessed() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let jira = Jira::new(&format!("http://{free}"), JiraOptions::loopback(JIRA)).unwrap();
    let arrived = Url::parse(&format!("{}&code=c", back(&jira))).unwrap();
    let said = jira.connect("acme", "id", "secret", async |_| Ok(arrived)).await.unwrap_err();
    assert_eq!(said, Words::CannotAccess(format!("http://{free}")));
}

#[tokio::test]
async fn a_browser_must_come_back_with_everything_it_was_given() {
    let (host, jira) = agreeing().await;
    let back = back(&jira);
    let cases = [
        (format!("{back}&error=access_denied"), Words::NoCode),
        (format!("{back}&code="), Words::NoCode),
        (back.replace("atl_token=", "other=") + "&code=c", Words::TokenMissing),
        (back.replace("organization=acme", "organization=other") + "&code=c", Words::MissingParameters),
        (back.replace("&t=3", "") + "&code=c", Words::MissingParameters),
        (format!("{}?code=c", back.split('?').next().unwrap()), Words::MissingParameters),
    ];
    for (arrived, words) in cases {
        host.on(AUTHORIZE, Answer::new(302, "").with("location", &arrived));
        assert_eq!(connect(&jira).await.unwrap_err(), words, "{arrived}");
    }
    // nor anywhere else
    host.on(AUTHORIZE, Answer::new(302, "").with("location", &format!("{JIRA}/login.jsp?code=c")));
    assert!(matches!(connect(&jira).await.unwrap_err(), Words::Lost(_)));
    host.on(AUTHORIZE, Answer::new(403, "redirect_uri is not allowed"));
    let lost = connect(&jira).await.unwrap_err().to_string();
    assert!(lost.ends_with("/login/oauth/authorize answered 403: redirect_uri is not allowed"), "{lost}");
    assert!(host.take().iter().all(|asked| asked.line != TRADE));
}

#[tokio::test]
async fn a_browser_keeps_cookies_on_its_way() {
    let (host, jira) = agreeing().await;
    let end = format!("{}&code=c", back(&jira));
    host.on(AUTHORIZE, Answer::new(302, "").with("location", "/second").with("set-cookie", "session=x; Path=/"));
    host.on("GET /second", Answer::new(303, "").with("location", &end));
    connect(&jira).await.unwrap();
    let asked = host.take();
    assert_eq!((asked[0].header("cookie"), asked[1].header("cookie")), (None, Some("session=x")));
}

#[tokio::test]
async fn an_account_gets_another_token() {
    // given an account whose token died
    let host = Host::with_widget().await;
    let jira = host.jira();
    let mut account = jira.add_account("acme", Token::new("old")).await.unwrap();
    host.take();
    // when it is regenerated
    let path = format!("{JIRA}/secure/admin/RegenerateGithubEnterpriseOauthToken!finish.jspa");
    host.on(TRADE, Answer::new(200, "access_token=new"));
    let browser = async |away: Url| {
        let (_, back) = away.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap();
        assert!(back.starts_with(&format!("{path}?organization=1&")) && back.ends_with("&t=3"), "{back}");
        Ok(Url::parse(&format!("{back}&code=c")).unwrap())
    };
    jira.regenerate(&mut account, "id", "secret", browser).await.unwrap();
    // then it goes on with the new one
    account.refresh_list().await.unwrap();
    assert_eq!(host.take().last().unwrap().header("authorization"), Some("token new"));
    // and a failure says so
    let denied = async |_| Ok(Url::parse(&format!("{path}?organization=1&atl_token=x")).unwrap());
    let said = jira.regenerate(&mut account, "id", "secret", denied).await.unwrap_err().to_string();
    assert_eq!(said, "Cannot regenerate OAuth access token: [XSRF Security Token Missing]");
}
