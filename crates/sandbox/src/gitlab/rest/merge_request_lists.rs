//! Lists of merge requests (GitLab contract §5.7).

use model::Millis;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::paged;
use super::shapes::Lens;
use crate::gitlab::model::{MergeRequest, MergeState, Project, State, UserId};

/// `GET /merge_requests`: those one opened, unless `scope=all`.
pub(super) async fn all(ask: Ask) -> Answer {
    ask.user()?;
    let filter = Filter::of(&ask, "created_by_me", false)?;
    filter.answer(&ask, |_, _| true)
}

/// `GET /groups/:id/merge_requests`: subgroups included, archived projects not, unless `non_archived=false`.
pub(super) async fn of_group(ask: Ask) -> Answer {
    let group = ask.group()?.id;
    let filter = Filter::of(&ask, "all", true)?;
    filter.answer(&ask, |state, project| state.is_in_group(project, group))
}

/// `GET /projects/:id/merge_requests`
pub(super) async fn of_project(ask: Ask) -> Answer {
    let id = ask.project_with_merge_requests()?.id;
    let filter = Filter::of(&ask, "all", false)?;
    filter.answer(&ask, |_, project| project.id == id)
}

/// What narrows and orders a list of merge requests.
struct Filter {
    state: &'static str,
    scope: &'static str,
    non_archived: bool,
    updated: (Option<Millis>, Option<Millis>),
    created: (Option<Millis>, Option<Millis>),
    iids: Option<Vec<u64>>,
    source_branch: Option<String>,
    target_branch: Option<String>,
    author: Option<String>,
    search: Option<(String, bool, bool)>,
    order: &'static str,
    ascending: bool,
    simple: bool,
}

impl Filter {
    fn of(ask: &Ask, default_scope: &'static str, non_archived: bool) -> Result<Self, RestError> {
        const STATES: [&str; 5] = ["opened", "closed", "locked", "merged", "all"];
        const SCOPES: [&str; 5] = ["created_by_me", "assigned_to_me", "reviews_for_me", "created-by-me", "all"];
        const ORDERS: [&str; 6] = ["created_at", "updated_at", "merged_at", "title", "priority", "label_priority"];
        let params = &ask.params;
        let text = |name: &str| params.text(name).filter(|text| !text.is_empty());
        let fields = text("in").unwrap_or_else(|| "title,description".to_owned());
        let search =
            text("search").map(|text| (text.to_lowercase(), fields.contains("title"), fields.contains("description")));
        Ok(Self {
            state: params.word("state", &STATES)?.unwrap_or("all"),
            scope: params.word("scope", &SCOPES)?.unwrap_or(default_scope),
            non_archived: params.flag("non_archived", non_archived)?,
            updated: (params.time("updated_after")?, params.time("updated_before")?),
            created: (params.time("created_after")?, params.time("created_before")?),
            iids: params.ids("iids")?,
            source_branch: text("source_branch"),
            target_branch: text("target_branch"),
            author: text("author_username"),
            search,
            order: params.word("order_by", &ORDERS)?.unwrap_or("created_at"),
            ascending: params.word("sort", &["asc", "desc"])? == Some("asc"),
            simple: params.word("view", &["simple"])?.is_some(),
        })
    }

    fn answer(&self, ask: &Ask, of: impl Fn(&State, &Project) -> bool) -> Answer {
        ask.read(|state| {
            let wanted = |it: &&MergeRequest| {
                self.fits(state, ask.viewer, it)
                    && state.projects.get(&it.project).is_some_and(|project| {
                        of(state, project)
                            && !(self.non_archived && project.archived)
                            && state.can_see_merge_requests(ask.viewer, project)
                    })
            };
            let mut found: Vec<&MergeRequest> = state.merge_requests.values().filter(wanted).collect();
            self.sort(&mut found);
            let lens = Lens { state, url: &ask.app.url, viewer: ask.viewer };
            paged(ask, &found, |it| if self.simple { lens.merge_request_simple(it) } else { lens.merge_request(it) })
        })
    }

    fn fits(&self, state: &State, viewer: Option<UserId>, it: &MergeRequest) -> bool {
        let within = |(after, before): (Option<Millis>, Option<Millis>), at: Millis| {
            after.is_none_or(|after| at >= after) && before.is_none_or(|before| at <= before)
        };
        let author = || state.users.get(&it.author).map(|user| user.login.as_str());
        (self.state == "all" || self.state == it.state.as_str())
            && self.is_in_scope(viewer, it)
            && within(self.updated, it.updated_at)
            && within(self.created, it.created_at)
            && self.iids.as_ref().is_none_or(|iids| iids.contains(&it.iid))
            && self.source_branch.as_ref().is_none_or(|branch| *branch == it.source_branch)
            && self.target_branch.as_ref().is_none_or(|branch| *branch == it.target_branch)
            && self
                .author
                .as_deref()
                .is_none_or(|login| author().is_some_and(|author| author.eq_ignore_ascii_case(login)))
            && self.is_found(it)
    }

    fn is_in_scope(&self, viewer: Option<UserId>, it: &MergeRequest) -> bool {
        match (self.scope, viewer) {
            ("created_by_me" | "created-by-me", Some(me)) => it.author == me,
            ("assigned_to_me", Some(me)) => it.assignees.contains(&me),
            ("reviews_for_me", Some(me)) => it.reviewers.iter().any(|review| review.user == me),
            _ => true,
        }
    }

    fn is_found(&self, it: &MergeRequest) -> bool {
        let Some((text, in_title, in_description)) = &self.search else { return true };
        let title = *in_title && it.title.to_lowercase().contains(text);
        let description = it.description.as_deref().unwrap_or_default().to_lowercase();
        title || (*in_description && description.contains(text))
    }

    fn sort(&self, found: &mut [&MergeRequest]) {
        match self.order {
            "updated_at" => found.sort_by_key(|it| (it.updated_at, it.id)),
            "merged_at" => found.sort_by_key(|it| (it.merged_at, it.id)),
            "title" => found.sort_by_key(|it| (it.title.to_lowercase(), it.id)),
            _ => found.sort_by_key(|it| (it.created_at, it.id)),
        }
        if !self.ascending {
            found.reverse();
        }
    }
}

/// Reads GitLab's word for a change of state.
pub(super) fn state_event(ask: &Ask) -> Result<Option<MergeState>, RestError> {
    let word = ask.params.word("state_event", &["close", "reopen"])?;
    Ok(word.map(|word| if word == "close" { MergeState::Closed } else { MergeState::Opened }))
}
