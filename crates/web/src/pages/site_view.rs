//! A site as its pages show it.

use model::{Channel, Millis, OutboxLane, OutboxState, SiteKind, SiteSettings};
use store::{Site, SiteProject, SiteState};
use sync::site::{Report, Verdict};

use crate::error::PageError;
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::lozenge::Lozenge;
use crate::view::number::{counted, thousands};
use crate::view::report::ReportView;

/// A site in the list, and at the head of its page.
pub struct SiteView {
    pub id: i64,
    pub name: String,
    pub kind: &'static str,
    pub is_cloud: bool,
    pub address: String,
    pub web_url: Option<String>,
    pub version: Option<String>,
    pub lozenge: Lozenge,
    pub told: Vec<Lozenge>,
    pub error: Option<String>,
    pub paused: bool,
    pub projects: String,
    pub projects_read_at: Option<Millis>,
}

/// How much a site was told by one way of telling.
pub struct Told {
    pub channel: &'static str,
    pub words: String,
}

/// A project with the keys that it had before.
pub struct ProjectView {
    pub key: String,
    pub name: String,
    pub former: Vec<String>,
}

/// A site that is not being removed.
pub async fn present(state: &AppState, id: i64) -> Result<Site, PageError> {
    let site = state.store().site(id).await?;
    site.filter(|site| site.state != SiteState::Removing).ok_or_else(PageError::not_found)
}

impl SiteView {
    /// A site with its projects.
    pub fn new(site: &Site, projects: &[SiteProject], now: Millis) -> Self {
        let present = projects.iter().filter(|project| project.key == project.present_key).count();
        let test_failed = report_of(site).is_some_and(|report| report.verdict == Verdict::Failed);
        Self {
            id: site.id,
            name: site.name.clone(),
            kind: kind_words(site.kind),
            is_cloud: site.kind == SiteKind::Cloud,
            address: site.url.clone(),
            web_url: forge_links::safe(&site.url).map(str::to_owned),
            version: site.version.clone(),
            lozenge: Lozenge::site(site, test_failed, now),
            told: told_of(&site.settings).into_iter().map(Lozenge::told).collect(),
            error: site.error.clone(),
            paused: site.state == SiteState::Paused,
            projects: counted(i64::try_from(present).unwrap_or(i64::MAX), "project", "projects"),
            projects_read_at: site.projects_read_at,
        }
    }
}

const fn kind_words(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::DataCenter => "Jira Server or Data Center",
        SiteKind::Cloud => "Jira Cloud",
    }
}

/// What a site is told, in words.
fn told_of(settings: &SiteSettings) -> Vec<&'static str> {
    let all = [
        (settings.smart_commits, "smart commits"),
        (settings.dev_info, "development information"),
        (settings.links_of_merge_requests, "links of merge requests"),
        (settings.links_of_branches, "links of branches"),
        (settings.commit_comments, "receipts at commits"),
    ];
    all.into_iter().filter_map(|(is_on, words)| is_on.then_some(words)).collect()
}

/// What the last test of a site found; none before the first.
fn report_of(site: &Site) -> Option<Report> {
    site.report.clone().and_then(|report| serde_json::from_value(report).ok())
}

/// What the last test of a site found, as its page shows it; none before the first.
pub fn last_test(site: &Site) -> Option<ReportView> {
    report_of(site).map(ReportView::new)
}

impl ProjectView {
    /// The projects of a site, each with its former keys.
    pub fn all(projects: &[SiteProject]) -> Vec<Self> {
        let present = projects.iter().filter(|project| project.key == project.present_key);
        let former_of = |key: &str| {
            let former = projects.iter().filter(|other| other.present_key == key && other.key != key);
            former.map(|other| other.key.clone()).collect()
        };
        present
            .map(|project| Self {
                former: former_of(&project.key),
                key: project.key.clone(),
                name: project.name.clone(),
            })
            .collect()
    }
}

impl Told {
    /// How much of each way was told, waits, or was refused.
    pub fn all(counts: &[(Channel, OutboxState, OutboxLane, i64)]) -> Vec<Self> {
        let channels = [(Channel::RemoteLink, "Remote links"), (Channel::DevInfo, "Development information")];
        let of_channel = |(wanted, channel)| {
            let rows: Vec<_> = counts.iter().filter(|(of, ..)| *of == wanted).collect();
            (!rows.is_empty()).then(|| Self { channel, words: words_of(&rows) })
        };
        channels.into_iter().filter_map(of_channel).collect()
    }
}

fn words_of(rows: &[&(Channel, OutboxState, OutboxLane, i64)]) -> String {
    let sum = |state: OutboxState, lane: Option<OutboxLane>| -> i64 {
        let of_state =
            rows.iter().filter(|(_, of, in_lane, _)| *of == state && lane.is_none_or(|lane| lane == *in_lane));
        of_state.map(|(.., count)| count).sum()
    };
    let told = sum(OutboxState::Sent, None);
    let mut words = vec![counted(told, "thing told", "things told")];
    let (waiting, first) = (sum(OutboxState::Waiting, None), sum(OutboxState::Waiting, Some(OutboxLane::Backfill)));
    if waiting > 0 {
        let of_them =
            if first > 0 { format!(" ({} from before the site was added)", thousands(first)) } else { String::new() };
        words.push(format!("{} waiting{of_them}", thousands(waiting)));
    }
    let parked = sum(OutboxState::Parked, None);
    if parked > 0 {
        words.push(format!("{} parked until Jira knows the issue", thousands(parked)));
    }
    let refused = sum(OutboxState::Refused, None);
    if refused > 0 {
        words.push(format!("{} refused", thousands(refused)));
    }
    words.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_told_in_words() {
        use Channel::{DevInfo, RemoteLink};
        use OutboxLane::{Backfill, Live};
        let counts = [
            (RemoteLink, OutboxState::Sent, Live, 1_203),
            (RemoteLink, OutboxState::Sent, Backfill, 1),
            (RemoteLink, OutboxState::Waiting, Live, 1),
            (RemoteLink, OutboxState::Waiting, Backfill, 2),
            (RemoteLink, OutboxState::Refused, Live, 4),
            (DevInfo, OutboxState::Parked, Live, 5),
        ];

        let told: Vec<String> =
            Told::all(&counts).into_iter().map(|one| format!("{}: {}", one.channel, one.words)).collect();

        assert_eq!(
            told,
            [
                "Remote links: 1,204 things told · 3 waiting (2 from before the site was added) · 4 refused",
                "Development information: 0 things told · 5 parked until Jira knows the issue",
            ]
        );
    }

    #[test]
    fn a_project_has_the_keys_of_before_beside_it() {
        let project = |key: &str, present: &str| SiteProject {
            key: key.to_owned(),
            project_id: "1".to_owned(),
            name: "Shop".to_owned(),
            present_key: present.to_owned(),
        };

        let shown = ProjectView::all(&[project("OLD", "SHOP"), project("OLDER", "SHOP"), project("SHOP", "SHOP")]);

        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].key.as_str(), shown[0].former.join(" ")), ("SHOP", "OLD OLDER".to_owned()));
    }
}
