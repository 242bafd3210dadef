//! Where tokens are read from: never from the command line, which every user of the machine can read.

use std::io::Read;
use std::path::Path;

use model::secret::{ExposeSecret, SecretString};

use crate::Failure;

/// The most that is read of a token.
const MAX_BYTES: u64 = 64 * 1024;

/// The token of the REST API, from `DOVETAIL_TOKEN` or the file that `DOVETAIL_TOKEN_FILE` names.
///
/// # Errors
/// A wrong use where there is none, or both.
pub fn of_server() -> Result<SecretString, Failure> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("DOVETAIL_TOKEN"), variable("DOVETAIL_TOKEN_FILE")) {
        (Some(_), Some(_)) => usage("DOVETAIL_TOKEN and DOVETAIL_TOKEN_FILE are both set; keep one of them"),
        (Some(token), None) => present(&SecretString::from(token), "DOVETAIL_TOKEN"),
        (None, Some(path)) => from_file(Path::new(&path)),
        (None, None) => usage(
            "there is no token for the server: set DOVETAIL_TOKEN, or DOVETAIL_TOKEN_FILE to a file that holds it; \
             `dovetail token create --scope admin` makes one",
        ),
    }
}

/// A token from a file, or from standard input where the path is `-`.
///
/// # Errors
/// A wrong use where the file cannot be read or holds nothing.
pub fn from_file(path: &Path) -> Result<SecretString, Failure> {
    let shown = path.display();
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(MAX_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
    };
    let text = SecretString::from(text);
    match read {
        Ok(_) => present(&text, &format!("the token file {shown}")),
        Err(error) => usage(&format!("cannot read the token file {shown}: {error}")),
    }
}

fn present(text: &SecretString, place: &str) -> Result<SecretString, Failure> {
    let token = text.expose_secret().trim();
    if token.is_empty() {
        return usage(&format!("{place} holds no token"));
    }
    Ok(SecretString::from(token.to_owned()))
}

fn usage<T>(line: &str) -> Result<T, Failure> {
    Err(Failure::Usage(line.to_owned()))
}
