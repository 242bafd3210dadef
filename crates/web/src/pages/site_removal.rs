//! Removing a site, asked once more before.

use askama::Template;
use axum::extract::{Path, State};
use sync::site;

use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::state::AppState;
use crate::view::number::{counted, signed};

use super::site_view::{SiteView, present};

#[derive(Template)]
#[template(path = "site_remove.html")]
struct RemovePage {
    frame: Frame,
    site: SiteView,
    people: String,
    deliveries: String,
}

/// Asks whether the site shall really go, and says what goes with it.
pub async fn ask(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    let site = present(&state, id).await?;
    let projects = state.store().site_projects(id).await?;
    let people = state.store().person_aliases(id).await?.len() as u64;
    let deliveries: i64 = state.store().deliveries_count(id, 0).await?.into_iter().map(|(_, count)| count).sum();
    draw(&RemovePage {
        site: SiteView::new(&site, &projects, page.frame.visit.now),
        people: counted(signed(people), "alias of a person", "aliases of people"),
        deliveries: counted(deliveries, "delivery", "deliveries"),
        frame: page.frame,
    })
}

/// Removes the site.
pub async fn remove(State(state): State<AppState>, page: AdministratorPage, Path(id): Path<i64>) -> PageResult {
    site::remove(state.engine(), id).await?;
    Ok(redirect(&page.frame, "/sites"))
}
