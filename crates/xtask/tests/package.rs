//! The Debian package, installed below a directory of its own: it starts, is upgraded, removed and purged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![expect(clippy::disallowed_methods, reason = "runs dpkg, and the program as systemd would")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What the test needs besides root.
const PROGRAMS: [&str; 5] = ["dpkg", "dpkg-deb", "systemd-sysusers", "systemd-tmpfiles", "setpriv"];

/// A root directory with nothing but what dpkg keeps.
struct Machine {
    root: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        // The system user has to come through.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let machine = Self { root };
        fs::create_dir_all(machine.path("var/lib/dpkg/updates")).unwrap();
        fs::create_dir_all(machine.path("var/lib/dpkg/info")).unwrap();
        fs::write(machine.path("var/lib/dpkg/status"), "").unwrap();
        machine
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    /// `dpkg` there. What the package depends on is this machine's, and its scripts run without leaving this machine.
    fn dpkg(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("dpkg");
        command
            .arg(format!("--root={}", self.root.path().display()))
            .args(["--force-depends", "--force-script-chrootless", "--force-confold", "--log=/dev/null"])
            .args(arguments);
        told(&mut command)
    }

    /// The number that the system user has there.
    fn user(&self) -> u32 {
        let users = fs::read_to_string(self.path("etc/passwd")).unwrap();
        let line = users.lines().find(|line| line.starts_with("dovetail:")).unwrap();
        assert!(line.ends_with("/usr/sbin/nologin"), "{line}");
        line.split(':').nth(2).unwrap().parse().unwrap()
    }

    /// Starts what the unit starts, as whom it says and where it says.
    fn start(&self) -> Running {
        let unit = fs::read_to_string(self.path("usr/lib/systemd/system/dovetail.service")).unwrap();
        let said = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap();
        assert_eq!((said("User"), said("StateDirectory")), ("dovetail", "dovetail"));
        let words: Vec<String> = said("ExecStart").split(' ').map(|word| self.here(word)).collect();
        let user = self.user().to_string();
        let child = Command::new("setpriv")
            .args(["--reuid", &user, "--regid", &user, "--clear-groups", "--no-new-privs"])
            .args(words)
            .current_dir(self.here(said("WorkingDirectory")))
            .env("DOVETAIL_SERVER_LISTEN", "127.0.0.1:0")
            .env("DOVETAIL_SERVER_DATA_DIR", self.path("var/lib/dovetail"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Running::new(child)
    }

    /// A path of the package, as it is called from outside.
    fn here(&self, word: &str) -> String {
        word.strip_prefix('/').map_or_else(|| word.to_owned(), |below| self.path(below).display().to_string())
    }

    fn keeps(&self, below: &str) -> bool {
        self.path(below).exists()
    }
}

/// A Dovetail that runs.
struct Running {
    child: Child,
    address: String,
    /// The rest of what it prints: a pipe that is closed would end it.
    lines: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.trim().rsplit_once("//").unwrap_or_else(|| panic!("it says {line:?}")).1.to_owned();
        Self { child, address, lines }
    }

    fn status_of(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    }

    /// Ends it as systemd does.
    fn stop(mut self) {
        told(Command::new("kill").arg(self.child.id().to_string()));
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
    }
}

fn told(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let (told, fault) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {told}{fault}");
    format!("{told}{fault}")
}

/// The program that was built beside this test; none where it was not.
fn dovetail() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("dovetail");
    beside.exists().then_some(beside)
}

fn packaged(program: &Path, version: &str, into: &Path) -> String {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    xtask.args(["package", "--compression", "none", "--version", version, "--binary"]).arg(program);
    told(xtask.arg("--output").arg(into)).lines().last().unwrap().to_owned()
}

/// Why the test cannot run here.
fn missing() -> Option<String> {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let absent = PROGRAMS.iter().find(|program| !folders.iter().any(|folder| folder.join(program).is_file()));
    match (is_root, absent, dovetail()) {
        (false, ..) => Some("only root installs packages".to_owned()),
        (_, Some(program), _) => Some(format!("{program} is missing")),
        (.., None) => Some("the program is not built; cargo build does it".to_owned()),
        (true, None, Some(_)) => None,
    }
}

#[test]
fn slow_the_package_installs_starts_upgrades_and_removes() {
    if let Some(why) = missing() {
        return println!("skipped: {why}");
    }
    // given
    let program = dovetail().unwrap();
    let (machine, packages) = (Machine::new(), tempfile::tempdir().unwrap());
    let first = packaged(&program, "1.0.0", packages.path());
    let control = told(Command::new("dpkg-deb").args(["--field", &first]));
    assert!(control.contains("Depends: libc6 (>= 2.") && control.contains("git (>= "), "{control}");

    // when it is installed
    let said = machine.dpkg(&["--install", &first]);

    // then it is there, for a system user of its own, and nothing is enabled
    assert!(said.contains("systemctl enable --now dovetail"), "{said}");
    assert!(!machine.keeps("etc/systemd"), "nothing is enabled");
    let data = fs::metadata(machine.path("var/lib/dovetail")).unwrap();
    assert_eq!((data.uid(), data.mode() & 0o7777), (machine.user(), 0o750));
    assert_eq!(machine.dpkg(&["--verify", "dovetail"]), "");
    let running = machine.start();
    assert_eq!((running.status_of("/readyz").as_str(), running.status_of("/healthz").as_str()), ("200", "200"));
    running.stop();
    assert_eq!(fs::metadata(machine.path("var/lib/dovetail/secret.key")).unwrap().mode() & 0o777, 0o600);
    let key = fs::read(machine.path("var/lib/dovetail/secret.key")).unwrap();

    // when it is upgraded, and somebody had changed the configuration
    let configuration = machine.path("etc/dovetail/dovetail.toml");
    let changed = fs::read_to_string(&configuration).unwrap() + "\n[sync]\nworkers = 2\n";
    fs::write(&configuration, &changed).unwrap();
    let said = machine.dpkg(&["--install", &packaged(&program, "1.0.1", packages.path())]);

    // then both are as they were
    assert!(!said.contains("systemctl enable"), "{said}");
    assert_eq!(fs::read_to_string(&configuration).unwrap(), changed);
    assert_eq!(fs::read(machine.path("var/lib/dovetail/secret.key")).unwrap(), key);
    assert!(machine.dpkg(&["--status", "dovetail"]).contains("Version: 1.0.1"));
    let running = machine.start();
    assert_eq!(running.status_of("/readyz"), "200");
    running.stop();

    // when it is removed
    machine.dpkg(&["--remove", "dovetail"]);

    // then what people made is there
    assert!(!machine.keeps("usr/bin/dovetail") && !machine.keeps("usr/lib/systemd/system/dovetail.service"));
    assert!(machine.keeps("var/lib/dovetail/dovetail.db") && configuration.exists());

    // when it is purged
    machine.dpkg(&["--purge", "dovetail"]);

    // then nothing is
    assert!(!machine.keeps("var/lib/dovetail") && !machine.keeps("etc/dovetail"));
    assert!(!machine.keeps("usr/share/doc/dovetail") && !machine.keeps("usr/lib/sysusers.d/dovetail.conf"));
}

#[test]
fn the_unit_is_one_that_systemd_takes_and_calls_safe() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/dovetail.service");
    let analysed =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=20"]).arg(unit).output();
    let Ok(output) = analysed else { return println!("skipped: systemd-analyze is missing") };
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "an exposure of at most 2.0 of 10: {told}");
    assert!(!told.contains("Unknown key") && !told.contains("Failed to parse"), "{told}");
}
