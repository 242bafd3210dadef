//! `cargo xtask package`: a Debian package, made of a staged tree.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::test::{cargo, succeed, target, workspace};

/// What to package.
#[derive(clap::Args)]
pub struct Arguments {
    /// Package this program instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where the package goes [default: `package` in the target directory].
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// The version that it gets.
    #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
    version: String,
    /// How it is compressed, as dpkg-deb calls it.
    #[arg(long, default_value = "xz", value_parser = ["xz", "gzip", "none"])]
    compression: String,
}

/// What is shipped as it is, where it goes, and with which rights.
const FILES: [(&str, &str, u32); 11] = [
    ("packaging/dovetail.service", "usr/lib/systemd/system/dovetail.service", 0o644),
    ("packaging/dovetail.sysusers", "usr/lib/sysusers.d/dovetail.conf", 0o644),
    ("packaging/dovetail.tmpfiles", "usr/lib/tmpfiles.d/dovetail.conf", 0o644),
    ("packaging/dovetail.toml", "etc/dovetail/dovetail.toml", 0o644),
    ("packaging/nginx.conf", "usr/share/doc/dovetail/examples/nginx.conf", 0o644),
    ("packaging/Caddyfile", "usr/share/doc/dovetail/examples/Caddyfile", 0o644),
    ("packaging/alerts.yml", "usr/share/doc/dovetail/examples/alerts.yml", 0o644),
    ("LICENSE", "usr/share/doc/dovetail/copyright", 0o644),
    ("packaging/debian/postinst", "DEBIAN/postinst", 0o755),
    ("packaging/debian/prerm", "DEBIAN/prerm", 0o755),
    ("packaging/debian/postrm", "DEBIAN/postrm", 0o755),
];

/// Builds the program unless one is given, and the package around it.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            cargo(&["build", "--release", "--locked", "--no-default-features", "--package", "dovetail"], &[])?;
            target().join("release/dovetail")
        }
    };
    let output = arguments.output.clone().unwrap_or_else(|| target().join("package"));
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
    let stage = tempfile::tempdir()?;
    // What dpkg-deb takes for the root directory of the package.
    let root = stage.path().join("root");
    put(&binary, &root.join("usr/bin/dovetail"), 0o755)?;
    for (from, to, mode) in FILES {
        put(&workspace().join(from), &root.join(to), mode)?;
    }
    documents(&root)?;
    write(&root.join("DEBIAN/conffiles"), "/etc/dovetail/dovetail.toml\n")?;
    write(&root.join("DEBIAN/md5sums"), &sums(&root)?)?;
    let architecture = answer(Command::new("dpkg").arg("--print-architecture"))?;
    let control = control(&root, &arguments.version, architecture.trim())?;
    write(&root.join("DEBIAN/control"), &control)?;
    let package = output.join(format!("dovetail_{}_{}.deb", arguments.version, architecture.trim()));
    let compression = format!("-Z{}", arguments.compression);
    succeed(Command::new("dpkg-deb").args(["--root-owner-group", &compression, "--build"]).args([&root, &package]))?;
    println!("{}", package.display());
    Ok(())
}

/// The documentation that the package's configuration refers to.
fn documents(root: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(workspace().join("docs"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|end| end == "md")) else { continue };
        put(&path, &root.join("usr/share/doc/dovetail").join(name), 0o644)?;
    }
    Ok(())
}

fn control(root: &Path, version: &str, architecture: &str) -> anyhow::Result<String> {
    let libc = libc_version(&fs::read(root.join("usr/bin/dovetail"))?).context("the program asks for no GNU libc")?;
    let size = answer(Command::new("du").args(["--summarize", "--apparent-size", "--block-size=1024"]).arg(root))?;
    let size = size.split_whitespace().next().unwrap_or("0");
    Ok(format!(
        "Package: dovetail\nVersion: {version}\nArchitecture: {architecture}\nSection: devel\nPriority: optional\n\
         Maintainer: The Dovetail authors <dovetail@localhost>\nInstalled-Size: {size}\n\
         Depends: libc6 (>= 2.{libc}), libgcc-s1, ca-certificates, git (>= 1:2.38), systemd-sysusers, systemd-tmpfiles\n\
         Description: joins a git forge to Jira\n \
         Imports the branches, commits and merge requests of every project of a GitLab\n \
         group, finds the Jira issues that they name, and shows them issue by issue, in\n \
         a panel of its own and in the JSON shapes of Jira's development panel.\n"
    ))
}

/// The newest `GLIBC_2.x` that a program names among what it links to.
fn libc_version(program: &[u8]) -> Option<u32> {
    const BEFORE: &[u8] = b"GLIBC_2.";
    let named = program.windows(BEFORE.len()).enumerate().filter(|(_, window)| *window == BEFORE);
    let digits = |at: usize| program[at + BEFORE.len()..].iter().take_while(|byte| byte.is_ascii_digit()).copied();
    let number = |at| String::from_utf8(digits(at).collect()).ok()?.parse().ok();
    named.filter_map(|(at, _)| number(at)).max()
}

/// What `dpkg --verify` compares with.
fn sums(root: &Path) -> anyhow::Result<String> {
    let files = answer(Command::new("find").args(["usr", "-type", "f"]).current_dir(root))?;
    let mut files: Vec<&str> = files.lines().collect();
    files.sort_unstable();
    answer(Command::new("md5sum").args(files).current_dir(root))
}

fn put(from: &Path, to: &Path, mode: u32) -> anyhow::Result<()> {
    let copied = parent(to).and_then(|()| Ok(fs::copy(from, to)?));
    copied.with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(fs::set_permissions(to, fs::Permissions::from_mode(mode))?)
}

fn write(to: &Path, text: &str) -> anyhow::Result<()> {
    parent(to)?;
    fs::write(to, text)?;
    Ok(fs::set_permissions(to, fs::Permissions::from_mode(0o644))?)
}

/// Makes the folders above a file, readable by all, whatever the umask says.
fn parent(of: &Path) -> anyhow::Result<()> {
    let missing: Vec<&Path> = of.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// What a command prints.
fn answer(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("{name} does not start"))?;
    if !output.status.success() {
        bail!("{name} {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_libc_counts() {
        assert_eq!(libc_version(b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_PRIVATE\0"), Some(34));
        assert_eq!(libc_version(b"musl"), None);
    }
}
