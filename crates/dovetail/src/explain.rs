//! `dovetail explain --message`: what a commit message says to Dovetail, and what it does not say.

use std::io::Read;
use std::path::Path;

use grammar::Noise;

use crate::Failure;
use crate::commands::{ExplainArguments, Format};
use crate::config::Config;

/// The most that is read of a message; git itself warns long before.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Runs the command.
pub fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    let config = Config::load(arguments.config.config.as_deref(), |name| std::env::var(name).ok())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let (text, _) = model::text::decode(&read(&arguments.message)?, None);
    let explanation = grammar::explain(&text, &Noise::new(&config.links.noise));
    match arguments.format {
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
