//! The story of an issue key, a commit, a branch, a merge request or an address, from a running server.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::harmless;
use crate::Failure;
use crate::commands::{ExplainArguments, Format};
use crate::config::Config;
use crate::server::{Server, token};

/// What the server tells; the rest is handed on as it came.
#[derive(Debug, Deserialize)]
struct Story {
    title: String,
    facts: Vec<Fact>,
}

#[derive(Debug, Deserialize)]
struct Fact {
    mark: String,
    sentence: String,
    remedy: Option<String>,
}

/// Asks and prints.
pub async fn run(question: &str, arguments: &ExplainArguments, config: &Config) -> Result<(), Failure> {
    let server = Server::new(&arguments.server, token::of_server()?, &config.network)?;
    let answer = server.send(Method::GET, "/api/v1/explain", &[("q", question)], None::<&()>).await?;
    match arguments.format {
        Format::Json => println!("{}", server.understood::<Value>(answer).await?),
        Format::Text => print!("{}", text(&server.understood(answer).await?)),
    }
    Ok(())
}

fn text(story: &Story) -> String {
    let mut text = format!("{}\n", harmless(&story.title));
    for fact in &story.facts {
        let sign = match fact.mark.as_str() {
            "good" => '✓',
            "bad" => '✗',
            _ => '·',
        };
        text.push_str(&format!("  {sign} {}\n", harmless(&fact.sentence)));
        if let Some(remedy) = &fact.remedy {
            text.push_str(&format!("    → {}\n", harmless(remedy)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_story_is_printed_fact_by_fact_and_cannot_steer_the_terminal() {
        let fact = |mark: &str, remedy: Option<&str>| json!({ "kind": "x", "mark": mark, "sentence": "It says a\u{1b}[2J.", "remedy": remedy });
        let story = json!({
            "asked": "ABC-1", "subject": "issue", "title": "Nothing names ABC-1.",
            "facts": [fact("good", None), fact("bad", Some("Write it.")), fact("note", None)],
        });

        let text = text(&serde_json::from_value(story).unwrap());

        insta::assert_snapshot!(text, @r"
        Nothing names ABC-1.
          ✓ It says a�[2J.
          ✗ It says a�[2J.
            → Write it.
          · It says a�[2J.
        ");
    }
}
