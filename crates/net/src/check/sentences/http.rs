//! What is said of answers.

use url::Url;

use super::Told;
use crate::NetError;
use crate::check::greeting::Speaks;

pub fn answered(host: &str, status: &str) -> String {
    format!("{host} answers {status}.")
}

pub fn sends_on(host: &str, status: u16, to: &str) -> String {
    format!("{host} answers {status} and sends browsers on to {to}.")
}

pub fn no_answer(error: &NetError) -> Told {
    let (cause, remedy) = match error {
        NetError::Timeout { .. } => (
            "The connection stands, but the server is overloaded, or the application behind it hangs.",
            "Open the address in a browser; look at the server's load and log.",
        ),
        NetError::Proxy { .. } => {
            ("The proxy takes part in each request, and refused this one.", "Ask whoever runs the proxy.")
        }
        NetError::Tls { .. } => (
            "The server accepted a first encrypted connection and not this one: behind one address stand several servers, or it wants a client certificate.",
            "Check again; compare the servers behind the load balancer.",
        ),
        NetError::Reset { .. } => (
            "The server, or a firewall that looks into requests, hangs up when it is asked.",
            "Look into the server's log; have this machine excepted from filters.",
        ),
        _ => ("What answers may not be a web server.", "Compare address and port with those that your browser shows."),
    };
    Told::new(error.to_string(), cause, remedy)
}

pub fn not_http(host: &str, url: &Url, speaks: Speaks) -> Told {
    let seen = format!("{host} does not speak HTTP on this port.");
    match speaks {
        Speaks::Tls => {
            let mut secure = url.clone();
            // Fails only between special and other schemes.
            let _ = secure.set_scheme("https");
            Told::new(seen, "It speaks HTTPS there.", format!("Use {}.", secure.as_str().trim_end_matches('/')))
        }
        Speaks::Ssh => Told::new(seen, "SSH answers there.", "Use the port of the web pages, or leave the port out."),
        Speaks::Mail => {
            Told::new(seen, "A mail or file server answers there.", "Use the port of the web pages, or leave it out.")
        }
        Speaks::Http | Speaks::Unknown => Told::new(
            seen,
            "Another service answers there, or one that wants to be spoken to by TLS (https://).",
            "Compare address and port with those that your browser shows.",
        ),
    }
}

pub fn wants_https(host: &str, to: &str) -> Told {
    Told::new(
        format!("{host} sends on to {to}; redirects are not followed, because they would carry the credentials along."),
        "The server wants to be spoken to by HTTPS.",
        format!("Use {to}."),
    )
}

pub fn elsewhere(host: &str, status: u16, to: &str) -> Told {
    Told::new(
        format!(
            "{host} answers {status} and sends on to {to}; redirects are not followed, because they would carry the credentials along."
        ),
        "The server has moved, or only its front page lies elsewhere.",
        "If the address in your browser is another one once you are logged in, use that.",
    )
}

pub fn log_in_elsewhere(host: &str, to: &str) -> Told {
    Told::new(
        format!("{host} sends on to {to}, which looks like a log-in page of somebody else."),
        "A gate before the server wants people to log in (single sign-on). Programs cannot pass it.",
        "Have the gate let requests with a token through to the server's API (/api, /rest, /oauth), or use an address behind the gate.",
    )
}

pub fn log_in_wall(host: &str, schemes: &[String]) -> Told {
    Told::new(
        format!("{host} wants a log-in before it shows anything (401, {}).", schemes.join(", ")),
        "A web server or a gate before the application is protected by a password of its own.",
        "Have requests to the server's API (/api, /rest, /oauth) excepted from it: a request can carry only one log-in.",
    )
}

pub fn challenge(host: &str) -> Told {
    Told::new(
        format!("{host} wants to be shown that a person is there."),
        "A protection against robots stands before the server (Cloudflare).",
        "Have this machine's address, or the paths of the API, excepted from the protection.",
    )
}

pub fn proxy_page(proxy: &str, host: &str, status: u16) -> Told {
    let cause = match status {
        407 => "It wants a user name and password.",
        403 => "Its rules do not allow this server.",
        502..=504 => "The proxy itself could not resolve or reach the server.",
        _ => "It refused the request or could not carry it out.",
    };
    Told::new(
        format!("The proxy {proxy} answered {status} itself, instead of {host}."),
        cause,
        "Correct the proxy's address in `network.proxy` or the environment, ask whoever runs it, or exempt the server by `network.no_proxy`.",
    )
}

pub fn nothing_behind(host: &str, status: u16) -> Told {
    Told::new(
        format!("{host} answers {status}."),
        "The web server in front works, and the application behind it does not: it is starting, being upgraded, or down.",
        "Wait some minutes and check again; then look at the application.",
    )
}

pub fn server_error(host: &str, status: u16) -> Told {
    Told::new(
        format!("{host} answers {status}."),
        "The application has an error on its front page.",
        "Open the address in a browser and look into the server's log.",
    )
}

pub fn forbidden(host: &str) -> Told {
    Told::new(
        format!("{host} answers 403."),
        "It shows its front page to nobody, or a filter before it turns this machine away.",
        "If the next steps fail too, have this machine's address allowed on the server.",
    )
}

pub fn nothing_here(url: &str, status: u16) -> Told {
    Told::new(
        format!("There is nothing at {} ({status}).", url.trim_end_matches('/')),
        "A web server answers, but the application may lie at another path, or on another server.",
        "Compare the address with the one that your browser shows.",
    )
}
