//! Lists of projects, and what they can be narrowed and ordered by.

use model::Millis;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::{keyset, no_keyset, paged};
use super::shapes::Lens;
use crate::gitlab::model::{AccessLevel, Namespace, Project, State, UserId, Visibility};

/// What narrows a list of projects.
pub(super) struct Filter {
    archived: Option<bool>,
    visibility: Option<Visibility>,
    search: String,
    owned: bool,
    membership: bool,
    min_access_level: Option<AccessLevel>,
    active_after: Option<Millis>,
    active_before: Option<Millis>,
}

impl Filter {
    /// Reads the parameters; `membership` is one of them only where the list declares it.
    pub(super) fn of(ask: &Ask, declares_membership: bool) -> Result<Self, RestError> {
        let params = &ask.params;
        let visibility = params.word("visibility", &["private", "internal", "public"])?;
        let level = params.number("min_access_level")?.map(AccessLevel::from_number);
        if level == Some(None) {
            return Err(RestError::Parameter("min_access_level does not have a valid value".to_owned()));
        }
        Ok(Self {
            archived: params.boolean("archived")?,
            visibility: visibility.and_then(Visibility::parse),
            search: params.text("search").unwrap_or_default().to_lowercase(),
            owned: params.flag("owned", false)?,
            membership: declares_membership && params.flag("membership", false)?,
            min_access_level: level.flatten(),
            active_after: params.time("last_activity_after")?,
            active_before: params.time("last_activity_before")?,
        })
    }

    /// Whether a project is to be listed for this viewer.
    pub(super) fn lets(&self, state: &State, viewer: Option<UserId>, project: &Project) -> bool {
        let level = || viewer.and_then(|user| state.project_membership(user, project));
        let holds = |text: &str| text.to_lowercase().contains(&self.search);
        state.can_see(viewer, project)
            && self.archived.is_none_or(|archived| project.archived == archived)
            && self.visibility.is_none_or(|visibility| project.visibility == visibility)
            && self.active_after.is_none_or(|after| project.last_activity_at >= after)
            && self.active_before.is_none_or(|before| project.last_activity_at <= before)
            && (self.search.is_empty() || holds(&project.name) || holds(&project.path))
            && (!self.owned || level() == Some(AccessLevel::Owner))
            && (!self.membership || level().is_some())
            && self.min_access_level.is_none_or(|least| level() >= Some(least))
    }
}

/// Sorts a list by `order_by` and `sort`.
pub(super) fn order(ask: &Ask, projects: &mut [&Project]) -> Result<(), RestError> {
    const ORDERS: [&str; 7] = ["id", "name", "path", "created_at", "updated_at", "last_activity_at", "similarity"];
    let order = ask.params.word("order_by", &ORDERS)?.unwrap_or("created_at");
    let ascending = ask.params.word("sort", &["asc", "desc"])?.unwrap_or("desc") == "asc";
    match order {
        "name" => projects.sort_by_key(|project| (project.name.to_lowercase(), project.id)),
        "path" => projects.sort_by_key(|project| (project.path.to_lowercase(), project.id)),
        "created_at" => projects.sort_by_key(|project| (project.created_at, project.id)),
        "updated_at" | "last_activity_at" => projects.sort_by_key(|project| (project.last_activity_at, project.id)),
        _ => projects.sort_by_key(|project| project.id),
    }
    if !ascending {
        projects.reverse();
    }
    Ok(())
}

/// `GET /projects`: all that the viewer sees; keyset paging by id.
pub(super) async fn all(ask: Ask) -> Answer {
    let filter = Filter::of(&ask, true)?;
    let by_keyset = match ask.params.text("pagination").as_deref() {
        Some("keyset") if ask.params.text("order_by").is_some_and(|order| order != "id") => return Err(no_keyset()),
        Some("keyset") => true,
        _ => false,
    };
    let (after, before) = (ask.params.number("id_after")?, ask.params.number("id_before")?);
    let simple = simple(&ask)?;
    ask.read(|state| {
        let within = |project: &&Project| {
            after.is_none_or(|after| project.id.0 > after) && before.is_none_or(|before| project.id.0 < before)
        };
        let listed = state.projects.values().filter(within).filter(|project| filter.lets(state, ask.viewer, project));
        let mut projects: Vec<&Project> = listed.collect();
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        let write = |project: &&Project| if simple { lens.project_simple(project) } else { lens.project(project) };
        if by_keyset {
            let ascending = ask.params.word("sort", &["asc", "desc"])? == Some("asc");
            if !ascending {
                projects.reverse();
            }
            return keyset(&ask, &projects, |project| project.id.0, write);
        }
        order(&ask, &mut projects)?;
        paged(&ask, &projects, write)
    })
}

/// `GET /users/:id/projects`: the personal namespace; `:id` is a number or a login.
pub(super) async fn of_user(ask: Ask) -> Answer {
    let filter = Filter::of(&ask, true)?;
    let simple = simple(&ask)?;
    let id = ask.capture("id");
    ask.read(|state| {
        let by_id = id.parse().ok().and_then(|id| state.users.get(&UserId(id)));
        let owner = by_id.or_else(|| state.user_by_login(id)).ok_or(RestError::NotFound("User"))?.id;
        let theirs = |project: &&Project| project.namespace == Namespace::User(owner);
        let mut projects: Vec<&Project> =
            state.projects.values().filter(theirs).filter(|project| filter.lets(state, ask.viewer, project)).collect();
        order(&ask, &mut projects)?;
        let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
        paged(&ask, &projects, |project| if simple { lens.project_simple(project) } else { lens.project(project) })
    })
}

/// Whether the short form is wanted; without credentials there is only that.
pub(super) fn simple(ask: &Ask) -> Result<bool, RestError> {
    Ok(ask.params.flag("simple", false)? || ask.viewer.is_none())
}
