//! `dovetail explain`: why something is, or is not, on an issue, as a running server knows; with `--message`, what a commit message
//! says to Dovetail, and what it does not say.

mod story;

use std::io::Read;
use std::path::Path;

use grammar::Noise;

use crate::Failure;
use crate::commands::{ExplainArguments, Format};
use crate::config::Config;

/// The most that is read of a message; git itself warns long before.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub async fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    let config = crate::open::config(arguments.config.config.as_deref())?;
    match (&arguments.message, &arguments.question) {
        (Some(message), _) => explain_message(message, arguments.format, &config),
        (None, Some(question)) => story::run(question, arguments, &config).await,
        (None, None) => Err(Failure::Usage("name an issue key, a commit, a branch or an address".to_owned())),
    }
}

fn explain_message(message: &Path, format: Format, config: &Config) -> Result<(), Failure> {
    let (text, _) = model::text::decode(&read(message)?, None);
    let explanation = grammar::explain(&text, &Noise::new(&config.links.noise));
    match format {
        Format::Json => println!("{}", serde_json::to_string(&explanation)?),
        Format::Text => print(&explanation),
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(MAX_BYTES).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = std::fs::File::open(path)
        .map_err(|error| Failure::Usage(format!("cannot read the message {}: {error}", path.display())))?;
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn print(explanation: &grammar::Explanation) {
    if explanation.keys.is_empty() {
        println!("This message names no issue.");
    } else {
        println!("This message names {}.", explanation.keys.join(", "));
    }
    for refused in &explanation.refused {
        println!("  not counted: {:?}, because {}", refused.text, refused.reason);
    }
    for command in &explanation.commands {
        println!("  smart commit on {}: #{} {}", command.key, command.command, harmless(&command.argument));
    }
}

/// A text from outside without what would steer the terminal.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(super::harmless("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
    }
}
