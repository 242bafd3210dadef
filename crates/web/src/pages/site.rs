//! One site: how it is, what its test found, what it was told; for administrators its settings, and who authors are there.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::Millis;
use store::{PersonAlias, Site};

use crate::frame::{Frame, PageResult, ReaderPage, draw_with_status};
use crate::people_file::{LONGEST, MOST};
use crate::sentences::Sentence;
use crate::state::AppState;
use crate::view::number::thousands;
use crate::view::report::ReportView;

use super::site_fields::{Fields, FormView};
use super::site_view::{ProjectView, SiteView, Told, last_test, present};

/// How many people the page shows; the file has them all.
const PEOPLE_SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "site.html")]
struct SitePage {
    frame: Frame,
    site: SiteView,
    projects: Vec<ProjectView>,
    told: Vec<Told>,
    /// What administrators see beside.
    behind: Option<Behind>,
}

/// What only administrators see: it names machines, users and e-mails.
struct Behind {
    report: Option<ReportView>,
    tested_at: Option<Millis>,
    form: FormView,
    people: Vec<PersonAlias>,
    people_all: usize,
    notes: Notes,
    largest: String,
}

/// What a form that was sent left on the page.
#[derive(Default)]
pub struct Notes {
    pub form: Option<FormView>,
    pub person: Option<TypedPerson>,
    pub file: Option<PastedFile>,
}

/// A person who could not be added.
pub struct TypedPerson {
    pub kind: String,
    pub written: String,
    pub jira_user: String,
    pub error: Sentence,
}

/// A file that could not be kept.
pub struct PastedFile {
    pub text: String,
    pub error: Sentence,
}

impl Notes {
    const fn has_errors(&self) -> bool {
        self.form.is_some() || self.person.is_some() || self.file.is_some()
    }
}

/// A site.
pub async fn show(State(state): State<AppState>, page: ReaderPage, Path(id): Path<i64>) -> PageResult {
    let site = present(&state, id).await?;
    drawn(&state, page.frame, site, Notes::default()).await
}

/// The page of a site, with what a form left on it.
pub async fn drawn(state: &AppState, frame: Frame, site: Site, notes: Notes) -> PageResult {
    let projects = state.store().site_projects(site.id).await?;
    let counts = state.store().outbox_counts(site.id).await?;
    let status = if notes.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let behind = if frame.is_administrator() { Some(Behind::of(state, &site, notes).await?) } else { None };
    let page = SitePage {
        site: SiteView::new(&site, &projects, frame.visit.now),
        projects: ProjectView::all(&projects),
        told: Told::all(&counts),
        behind,
        frame,
    };
    draw_with_status(status, &page)
}

impl Behind {
    async fn of(state: &AppState, site: &Site, mut notes: Notes) -> store::Result<Self> {
        let form = match notes.form.take() {
            Some(form) => form,
            None => {
                let accounts = state.store().site_accounts(site.id).await?;
                FormView::new(state, Fields::of(site, accounts), true, None).await?
            }
        };
        let mut people = state.store().person_aliases(site.id).await?;
        let people_all = people.len();
        people.truncate(PEOPLE_SHOWN);
        let largest =
            format!("{} KiB and {} lines", LONGEST / 1024, thousands(i64::try_from(MOST).unwrap_or(i64::MAX)));
        Ok(Self { report: last_test(site), tested_at: site.tested_at, form, people, people_all, notes, largest })
    }

    fn is_kind(&self, kind: &str) -> bool {
        self.notes.person.as_ref().is_some_and(|person| person.kind == kind)
    }
}
