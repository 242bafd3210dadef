//! The first import of a large generated project: files in folders of folders, merge requests, forks.

use super::forge::{Forge, Serves};
use super::import::{Expected, compare};
use super::place::Place;
use super::section::Section;
use super::series;

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let mut forge = Forge::start(place, Serves::Generated)?;
    let (expected, forks) = if place.quick {
        (Expected { branches: 30 + 2 * 31, merge_requests: 600 }, 2)
    } else {
        (Expected { branches: 300 + 20 * 301, merge_requests: 6_000 }, 20)
    };
    let about = format!(
        "A generated project with files in folders of folders: 30,000 commits on 300 branches, 6,000 merge requests, whose heads are \
         refs, and {forks} forks in the same group. The clone gets every project in turn, but no merge requests."
    );
    let mut section = compare(place, &mut forge, Section::new("generated", about), expected, None).await?;
    section.note(format!(
        "The project's repository has {} on the server, files included.",
        series::bytes(super::place::size(&forge.repository(1)))
    ));
    Ok(section)
}
