//! The projects of a group, with the traps of that list (GitLab contract §5.4): `pagination=keyset` and `membership` do
//! nothing, projects shared with the group are listed unless `with_shared=false`, subgroups only with
//! `include_subgroups=true`.

use super::ask::Ask;
use super::error::Answer;
use super::paging::paged;
use super::project_lists::{Filter, order, simple};
use super::shapes::Lens;
use crate::gitlab::model::{Namespace, Project};

/// `GET /groups/:id/projects`
pub(super) async fn list(ask: Ask) -> Answer {
    let group = ask.group()?.id;
    let filter = Filter::of(&ask, false)?;
    let with_shared = ask.params.flag("with_shared", true)?;
    let with_subgroups = ask.params.flag("include_subgroups", false)?;
    let simple = simple(&ask)?;
    ask.read(|state| {
        let belongs = |project: &&Project| {
            let here = project.namespace == Namespace::Group(group);
            let below = with_subgroups && state.is_in_group(project, group);
            let shared = with_shared && project.shared_with.iter().any(|(with, _)| *with == group);
            here || below || shared
        };
        let listed = state.projects.values().filter(belongs).filter(|project| filter.lets(state, ask.viewer, project));
        let mut projects: Vec<&Project> = listed.collect();
        order(&ask, &mut projects)?;
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &projects, |project| if simple { lens.project_simple(project) } else { lens.project(project) })
    })
}
