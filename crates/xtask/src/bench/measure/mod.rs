//! The measurements themselves (engine §4): release builds, the stand-in GitLab in a process of its own, things compared in
//! turn within one run, median and spread.

mod backfill;
mod database;
mod detail;
mod dovetail;
mod facade;
mod forge;
mod generated;
mod hook_events;
mod import;
mod jira;
mod latency;
mod machine;
mod open_loop;
mod page;
mod peak;
mod perceval;
mod place;
mod push;
mod refresh;
mod scan;
mod section;
mod seed;
mod series;
mod smart_commit;
mod strategies;
mod yardstick;
mod zookeeper;

use clap::ValueEnum;

use self::machine::Machine;
use self::place::Place;
use self::section::Section;
use super::{Arguments, Name};
use crate::test::cargo;

/// Measures what is asked for, prints it and keeps it.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let place = Place::open(arguments)?;
    if !arguments.nothing {
        if !arguments.no_build {
            cargo(&["build", "--release", "--package", "dovetail", "--package", "sandbox"], &[])?;
        }
        let runtime = tokio::runtime::Runtime::new()?;
        for name in wanted(&arguments.only) {
            println!("\n== {}", title(name));
            let before = Machine::load();
            let mut section = runtime.block_on(measure(name, &place))?;
            section.load = before;
            println!("{}", section.text());
            if !place.quick {
                section.keep(&place.sections())?;
            }
        }
    }
    if arguments.write_docs {
        page::write(&place, Name::value_variants())?;
    }
    Ok(())
}

fn wanted(only: &[Name]) -> Vec<Name> {
    let all = Name::value_variants().iter().copied();
    all.filter(|name| only.is_empty() || only.contains(name)).collect()
}

/// What a measurement is called, also as the file that keeps its figures.
fn title(name: Name) -> String {
    name.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

async fn measure(name: Name, place: &Place) -> anyhow::Result<Section> {
    match name {
        Name::Scan => scan::measure(place).await,
        Name::Import => import::measure(place).await,
        Name::Latency => latency::measure(place).await,
        Name::Strategies => strategies::measure(place).await,
        Name::Refresh => refresh::measure(place).await,
        Name::Push => push::measure(place).await,
        Name::Generated => generated::measure(place).await,
        Name::Detail => detail::measure(place).await,
        Name::Facade => facade::measure(place).await,
        Name::SmartCommit => smart_commit::measure(place).await,
        Name::Backfill => backfill::measure(place).await,
    }
}
