//! Bringing an issue from one status to another.

use ::model::Millis;
use serde_json::Value;

use super::workflow::{RESOLUTIONS, resolution_id, resolutions};
use super::{
    Adjust, Category, ChangedField, Condition, Field, Issue, IssueId, Model, NewComment, NewWorklog, Permission,
    Refusal, RefusalKind, State, Transition, UserId,
};
use crate::jira::sentences;

/// A transition that is to be executed.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// The transition's number.
    pub transition: String,
    /// Values of its screen's fields, by id.
    pub fields: Vec<(String, Value)>,
    /// A comment that goes with it.
    pub comment: Option<NewComment>,
    /// Work that goes with it.
    pub worklog: Option<WorkDone>,
}

/// Work that goes with a transition.
#[derive(Debug, Clone)]
pub struct WorkDone {
    /// How long it took, in seconds.
    pub seconds: u64,
    /// What was done.
    pub comment: String,
    /// When it began; none: now.
    pub started: Option<Millis>,
}

impl Model {
    /// Executes a transition as somebody.
    ///
    /// A comment on a transition without a screen is dropped without a word, as Jira does.
    ///
    /// # Errors
    /// When the issue is not there or visible, the transition does not begin here or not for this user, or its screen's fields
    /// are missing or wrong. Nothing is changed then.
    pub fn transition(&self, key: &str, user: UserId, execution: Execution) -> Result<(), Refusal> {
        let now = self.now();
        self.write(|state| {
            let id = state.visible_issue(key, Some(user), self.deployment)?.id;
            state.execute(id, user, execution, now)
        })
    }

    /// Changes whose an issue is.
    pub fn assign(&self, key: &str, to: Option<UserId>) {
        self.write(|state| {
            let Some(id) = state.find_issue(key).map(|issue| issue.id) else { return };
            if let Some(issue) = state.issues.get_mut(&id) {
                issue.assignee = to;
            }
        });
    }
}

impl State {
    /// The transitions that somebody can execute now.
    pub(crate) fn transitions_for(&self, issue: &Issue, user: Option<UserId>) -> Vec<&Transition> {
        let Some(project) = self.projects.get(&issue.project) else { return Vec::new() };
        let open = |transition: &&Transition| self.is_open(issue, user, transition);
        project.workflow.transitions.iter().filter(open).collect()
    }

    fn is_open(&self, issue: &Issue, user: Option<UserId>, transition: &Transition) -> bool {
        let here = transition.from.is_empty() || transition.from.contains(&issue.status);
        let for_user = match &transition.condition {
            Condition::Nobody => true,
            Condition::Only(users) => user.is_some_and(|user| users.contains(&user)),
            Condition::Assignee => user.is_some() && issue.assignee == user,
            Condition::Permission(permission) => self.may(user, issue.project, *permission),
        };
        here && for_user && self.may(user, issue.project, Permission::TransitionIssues)
    }

    fn execute(&mut self, id: IssueId, user: UserId, execution: Execution, now: Millis) -> Result<(), Refusal> {
        let (issue, transition) = self.chosen(id, user, &execution.transition)?;
        self.check_screen(&issue, user, &transition, &execution)?;
        let Some(status) = self.projects.get(&issue.project).and_then(|it| it.workflow.status(&transition.to)).cloned()
        else {
            return Err(Refusal::invalid(sentences::unknown_transition(&execution.transition)));
        };
        let mut changed = vec![self.status_change(&issue, &transition.to)];
        let mut after = Issue { status: status.name.clone(), updated_at: now, ..issue.clone() };
        self.fill_in(&mut after, &execution, status.category, now);
        changed.extend(resolution_change(&issue, &after));
        self.issues.insert(id, after);
        self.note_change(id, user, changed, now);
        let takes = |field: &Field| transition.screen.iter().flatten().any(|on| on.field == *field);
        if let Some(comment) = execution.comment.filter(|_| transition.screen.is_some()) {
            self.add_comment(id, user, comment, now)?;
        }
        if let Some(work) = execution.worklog.filter(|_| takes(&Field::Worklog)) {
            let WorkDone { seconds, comment, started } = work;
            let new = NewWorklog { seconds, comment, started, adjust: Adjust::Auto, document: None };
            self.add_worklog(id, user, new, now)?;
        }
        Ok(())
    }

    /// The issue and the transition, when it is open to the user.
    fn chosen(&self, id: IssueId, user: UserId, transition: &str) -> Result<(Issue, Transition), Refusal> {
        let unknown = || Refusal::invalid(sentences::unknown_transition(transition));
        let issue = self.issues.get(&id).ok_or_else(unknown)?;
        let workflow = self.projects.get(&issue.project).map(|project| &project.workflow).ok_or_else(unknown)?;
        let chosen =
            workflow.transitions.iter().find(|it| it.id.to_string() == transition.trim()).ok_or_else(unknown)?;
        if !self.is_open(issue, Some(user), chosen) {
            return Err(Refusal::invalid(sentences::not_now(&chosen.name, &self.key(issue))));
        }
        Ok((issue.clone(), chosen.clone()))
    }

    /// Whether everything is sent that the screen asks for, and nothing else.
    fn check_screen(
        &self,
        issue: &Issue,
        user: UserId,
        transition: &Transition,
        execution: &Execution,
    ) -> Result<(), Refusal> {
        let mut refusal = Refusal { kind: RefusalKind::Invalid, messages: Vec::new(), errors: Vec::new() };
        let screen = transition.screen.as_deref().unwrap_or_default();
        for (id, value) in &execution.fields {
            match screen.iter().find(|on| on.field.id() == id) {
                None => refusal.errors.push((id.clone(), sentences::not_on_screen(id))),
                Some(on) => refusal.errors.extend(self.wrong_value(&on.field, value).map(|text| (id.clone(), text))),
            }
        }
        if execution.worklog.is_some() && !screen.iter().any(|on| on.field == Field::Worklog) {
            refusal.errors.push(("worklog".to_owned(), sentences::not_on_screen("worklog")));
        }
        for on in screen.iter().filter(|on| on.required) {
            let filled = match &on.field {
                Field::Comment => execution.comment.is_some(),
                Field::Worklog => execution.worklog.is_some(),
                field => execution.fields.iter().any(|(id, value)| id == field.id() && !value.is_null()),
            };
            if !filled {
                refusal.errors.push((on.field.id().to_owned(), format!("{} is required.", on.field.name())));
            }
        }
        if !refusal.errors.is_empty() {
            return Err(refusal);
        }
        if let Some(comment) = execution.comment.as_ref().filter(|_| transition.screen.is_some()) {
            self.check_comment(issue.id, user, &comment.body)?;
        }
        if let Some(work) = &execution.worklog {
            self.check_worklog(issue.id, user, work.seconds)?;
        }
        Ok(())
    }

    fn wrong_value(&self, field: &Field, value: &Value) -> Option<String> {
        match field {
            _ if value.is_null() => None,
            Field::Resolution => resolution(value).is_none().then(|| "Resolution is not valid.".to_owned()),
            Field::Assignee => self.named_user(value).is_none().then(|| "User does not exist.".to_owned()),
            Field::Text { .. } => (!value.is_string()).then(|| "Operation value must be a string".to_owned()),
            Field::Comment | Field::Worklog => Some("It can only be set by 'update'.".to_owned()),
        }
    }

    fn named_user(&self, value: &Value) -> Option<UserId> {
        let by_name = value["name"].as_str().and_then(|name| self.user_by_login(name));
        let by_key = || ["key", "accountId", "id"].iter().find_map(|it| self.user_by_key(value[*it].as_str()?));
        by_name.or_else(by_key).map(|user| user.id)
    }

    /// Sets what was sent, and what Jira sets by itself.
    fn fill_in(&self, issue: &mut Issue, execution: &Execution, to: Category, now: Millis) {
        let value = |id: &str| execution.fields.iter().find(|(name, _)| name == id).map(|(_, value)| value);
        if let Some(user) = value("assignee").and_then(|value| self.named_user(value)) {
            issue.assignee = Some(user);
        }
        if to == Category::Done {
            let sent = value("resolution").and_then(resolution).map(|(_, name)| name.to_owned());
            let kept = issue.resolution.clone();
            issue.resolution = sent.or(kept).or_else(|| Some(RESOLUTIONS[0].1.to_owned()));
            issue.resolved_at = issue.resolved_at.or(Some(now));
        } else {
            (issue.resolution, issue.resolved_at) = (None, None);
        }
    }

    fn status_change(&self, issue: &Issue, to: &str) -> ChangedField {
        let workflow = self.projects.get(&issue.project).map(|project| &project.workflow);
        let number = |name: &str| workflow.and_then(|it| it.status(name)).map(|status| status.id.to_string());
        ChangedField {
            field: "status",
            from: (number(&issue.status), Some(issue.status.clone())),
            to: (number(to), Some(to.to_owned())),
        }
    }
}

fn resolution_change(before: &Issue, after: &Issue) -> Option<ChangedField> {
    let number = |name: &str| resolution_id(name).map(|id| id.to_string());
    let side = |name: &Option<String>| (name.as_deref().and_then(number), name.clone());
    (before.resolution != after.resolution).then(|| ChangedField {
        field: "resolution",
        from: side(&before.resolution),
        to: side(&after.resolution),
    })
}

/// The resolution that is named by id or name.
fn resolution(value: &Value) -> Option<(u64, &'static str)> {
    let (id, name) = (value["id"].as_str(), value["name"].as_str());
    resolutions().find(|(number, known)| Some(*known) == name || id == Some(number.to_string().as_str()))
}
