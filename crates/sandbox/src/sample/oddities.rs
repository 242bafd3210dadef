//! Names and messages that tools stumble over, each of which git allows.

use model::Millis;

use super::people::{ADA, BEN, CHEN, DALIA, EMILE, MIKA, Person};
use super::stream::{RawCommit, Stream};

/// Group, path and name of the project.
pub(super) const PLACE: (&str, &str, &str) = ("platform/ops", "oddities", "Kuriositäten · 珍品 · نوادر");

/// The size of the longest message, in bytes.
const LONG_MESSAGE: usize = 5 * 1024 * 1024;
/// The length of the longest branch name, in bytes: longer ones do not fit a file name with git's `.lock`.
const LONG_NAME: usize = 240;
/// 1 January 1970 and 2099, each at noon.
const YEARS: (i64, i64) = (43_200, 4_070_952_000);

/// The streams to import one after the other. The branch `df` of the first becomes `df/x` in the last.
pub(super) fn streams(now: Millis) -> [Vec<u8>; 3] {
    let minutes = |ago: i64| now / 1000 - ago * 60;
    let (mut first, mut second, mut third) = (Stream::default(), Stream::default(), Stream::default());
    messages(&mut first, &minutes);
    branches(&mut first, &minutes);
    second.delete("df");
    let file = [("df.txt", "a folder now\n")];
    third.raw(&RawCommit { parents: &["main"], files: &file, ..commit("df/x", BEN, minutes(7_200), b"OPS-90 df/x\n") });
    [first.take(), second.take(), third.take()]
}

fn commit<'a>(branch: &'a str, by: Person, at: i64, message: &'a [u8]) -> RawCommit<'a> {
    RawCommit { branch, by, at, message, encoding: None, parents: &[], files: &[] }
}

/// Awkward messages and dates, all on `main`.
fn messages(stream: &mut Stream, minutes: &dyn Fn(i64) -> i64) {
    let long = long_message();
    let readme = [("README.md", "What tools stumble over.\n")];
    stream.raw(&RawCommit { files: &readme, ..commit("main", ADA, YEARS.0, b"OPS-90 At the beginning of time\n") });
    stream.raw(&commit("main", EMILE, minutes(9_000), "OPS-90 🎉 Ship it 🚀 👩‍💻\n".as_bytes()));
    stream.raw(&commit(
        "main",
        CHEN,
        minutes(8_940),
        "OPS-90 修正：購物車的總計顯示錯誤\n\n合計金額を直す。\n".as_bytes(),
    ));
    stream.raw(&commit("main", DALIA, minutes(8_880), "OPS-90 إصلاح مجموع السلة عند تغيير العملة\n".as_bytes()));
    let latin = b"OPS-90 Gr\xf6\xdfen f\xfcr Stra\xdfenschuhe\n";
    stream.raw(&RawCommit { encoding: Some("ISO-8859-1"), ..commit("main", EMILE, minutes(8_820), latin) });
    stream.raw(&commit("main", BEN, minutes(8_760), b"OPS-90 caf\xe9 \xff\xfe in no encoding at all\n"));
    stream.raw(&commit("main", MIKA, minutes(8_700), &long));
    stream.raw(&commit("main", BEN, minutes(8_640), b"OPS-90 No line break at the end"));
    stream.raw(&commit("main", BEN, minutes(8_580), b""));
}

/// Awkward histories and branch names.
fn branches(stream: &mut Stream, minutes: &dyn Fn(i64) -> i64) {
    let file = [("other.txt", "from somewhere else\n")];
    stream
        .raw(&RawCommit { files: &file, ..commit("other-root", CHEN, minutes(8_500), b"OPS-90 A root of its own\n") });
    let joined = commit("main", ADA, minutes(8_440), b"OPS-90 Join two roots\n");
    stream.raw(&RawCommit { parents: &["main", "other-root"], ..joined });
    for (name, by) in [("octopus/one", BEN), ("octopus/two", CHEN), ("octopus/three", MIKA)] {
        stream.raw(&RawCommit { parents: &["main"], ..commit(name, by, minutes(8_400), b"OPS-90 An arm\n") });
    }
    let arms = ["main", "octopus/one", "octopus/two", "octopus/three"];
    stream.raw(&RawCommit { parents: &arms, ..commit("main", ADA, minutes(8_340), b"OPS-90 An octopus\n") });
    let from_main = |name, by, at, message| RawCommit { parents: &["main"], ..commit(name, by, at, message) };
    stream.raw(&from_main("from-2099", MIKA, YEARS.1, b"OPS-90 From the year 2099\n"));
    stream.raw(&from_main("df", BEN, minutes(8_200), b"OPS-90 df\n"));
    let long = long_name();
    stream.raw(&from_main(&long, DALIA, minutes(8_100), b"OPS-90 A branch with a long name\n"));
    stream.raw(&from_main("ميزة/OPS-90/購物車-🛒", DALIA, minutes(8_000), b"OPS-90 A branch in three scripts\n"));
    stream.tag("v1.0-μ", "main", ADA, minutes(7_900), "OPS-90 The first release\n");
}

fn long_message() -> Vec<u8> {
    let mut message = b"OPS-90 A message of five megabytes\n\n".to_vec();
    let line = b"0123456789 abcdefghijklmnopqrstuvwxyz, and so on until it is long enough.\n";
    while message.len() + line.len() <= LONG_MESSAGE {
        message.extend_from_slice(line);
    }
    message
}

fn long_name() -> String {
    let start = "OPS-90-";
    format!("{start}{}", "long-".repeat(LONG_NAME)).chars().take(LONG_NAME).collect()
}
