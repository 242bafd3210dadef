//! The list of sites.

use askama::Template;
use axum::extract::State;
use store::SiteState;

use crate::frame::{Frame, PageResult, ReaderPage, draw};
use crate::state::AppState;

use super::site_view::SiteView;

#[derive(Template)]
#[template(path = "sites.html")]
struct SitesPage {
    frame: Frame,
    sites: Vec<SiteView>,
}

/// Every site but those that are being removed.
pub async fn show(State(state): State<AppState>, page: ReaderPage) -> PageResult {
    let mut sites = Vec::new();
    for site in state.store().sites().await?.iter().filter(|site| site.state != SiteState::Removing) {
        let projects = state.store().site_projects(site.id).await?;
        sites.push(SiteView::new(site, &projects, page.frame.visit.now));
    }
    draw(&SitesPage { frame: page.frame, sites })
}
