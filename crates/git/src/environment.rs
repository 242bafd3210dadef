//! The environment of every git process: nothing of the caller's but what is listed here, nothing of the machine's
//! configuration, no terminal, no hooks, no detached maintenance (engine §1).

use std::ffi::OsString;

/// What git and curl need from our own environment.
const INHERITED: [&str; 3] = ["PATH", "TMPDIR", "LD_LIBRARY_PATH"];

const FIXED: [(&str, &str); 10] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // git before 2.45 does not know GIT_NO_LAZY_FETCH; without a protocol it cannot fetch either.
    ("GIT_ALLOW_PROTOCOL", "none"),
    // Forges show commits as they are, not as a local replacement or graft has them.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("LC_ALL", "C"),
    // Unset, curl asks the user database for the home folder and reads `.netrc` there.
    ("HOME", "/dev/null"),
];

const CONFIG: [(&str, &str); 5] = [
    // Repositories of other users are only ever read, with hooks and helpers off.
    ("safe.directory", "*"),
    ("core.hooksPath", "/dev/null"),
    ("credential.helper", ""),
    ("maintenance.auto", "false"),
    ("gc.auto", "0"),
];

/// The variables every process starts with.
pub fn base() -> Vec<(OsString, OsString)> {
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?)));
    inherited.chain(FIXED.into_iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

/// Configuration as variables (`GIT_CONFIG_COUNT` …): unlike arguments, they do not show in the process list, and unlike
/// `git config`, they leave nothing on disk.
pub fn config(extra: &[(String, String)]) -> Vec<(OsString, OsString)> {
    let fixed = CONFIG.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    let pairs: Vec<(String, String)> = fixed.chain(extra.iter().cloned()).collect();
    let mut variables = vec![("GIT_CONFIG_COUNT".into(), pairs.len().to_string().into())];
    for (position, (key, value)) in pairs.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{position}").into(), key.into()));
        variables.push((format!("GIT_CONFIG_VALUE_{position}").into(), value.into()));
    }
    variables
}
