//! The test of a site, step by step: from the name of the server to the rights of the user.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jira::{DevInfo, DevInfoOptions, JiraError, Person, Problem, Project, Rest, RestAuth, RestOptions, ServerInfo};
use model::{SiteKind, SiteSettings};
use net::check::{Report, Stage, Verdict};
use store::Viewer;
use url::Url;

use super::form::Sane;
use super::{Form, SiteError, verbs};
use crate::Engine;
use crate::sentences::sites as sentences;

/// Of how many projects the rights are asked.
const PROJECTS_LOOKED_AT: usize = 50;
/// Among how many issues one is looked for that the site may be asked about.
const ISSUES_LOOKED_AT: i64 = 200;

/// How long all steps may take together: whoever asked waits for the answer.
const LONGEST: Duration = Duration::from_secs(50);

/// Tests a site and keeps what was found.
///
/// # Errors
/// [`SiteError::Missing`] without such a site.
pub async fn test(engine: &Engine, site_id: i64) -> Result<Report, SiteError> {
    let site = verbs::present(engine, site_id).await?;
    let stored = engine.store().site_credentials(site_id).await?.ok_or(SiteError::Missing)?;
    let url = Url::parse(&site.url).map_err(|_| SiteError::Url(model::host_url::HostUrlError::Malformed))?;
    let sane = Sane {
        name: site.name.clone(),
        url,
        user: stored.rest_user,
        secret: stored.rest_secret,
        client: stored.client_id.zip(stored.client_secret),
    };
    let found = run(engine, site.kind, &sane, &site.settings).await;
    let report = serde_json::to_value(&found.report).unwrap_or_default();
    let now = engine.clock().now();
    let (version, cloud_id) = (found.version.as_deref(), found.cloud_id.as_deref());
    engine.store().site_tested(site_id, &report, version, cloud_id, now).await?;
    if found.report.first_failed().is_none() {
        engine.store().site_answered(site_id).await?;
    }
    Ok(found.report)
}

/// Tests what an administrator filled in, without keeping anything.
///
/// # Errors
/// [`SiteError`]: a field is empty or unusable.
pub async fn test_form(engine: &Engine, form: &Form) -> Result<Report, SiteError> {
    Ok(run(engine, form.kind, &form.sane()?, &form.settings).await.report)
}

struct Found {
    report: Report,
    version: Option<String>,
    cloud_id: Option<String>,
}

/// One run.
struct Run<'a> {
    engine: &'a Engine,
    kind: SiteKind,
    sane: &'a Sane,
    settings: &'a SiteSettings,
    stages: Vec<Stage>,
    server: Option<ServerInfo>,
}

async fn run(engine: &Engine, kind: SiteKind, sane: &Sane, settings: &SiteSettings) -> Found {
    let mut run = Run { engine, kind, sane, settings, stages: Vec::new(), server: None };
    let cloud_id = tokio::time::timeout(LONGEST, run.all()).await.unwrap_or_else(|_| {
        run.stages.push(sentences::out_of_time(LONGEST));
        None
    });
    Found { report: Report::of(run.stages), version: run.server.map(|server| server.version), cloud_id }
}

impl Run<'_> {
    /// Every step; answers the id of a Cloud site.
    async fn all(&mut self) -> Option<String> {
        let reached =
            net::check::reach(self.engine.http(), self.sane.address(), None, &**self.engine.clock(), None).await;
        self.stages = reached.stages;
        self.server = self.version().await;
        self.rest().await;
        self.development_information().await
    }

    fn has_failed(&self) -> bool {
        self.stages.iter().any(|stage| stage.verdict == Verdict::Failed)
    }

    fn push(&mut self, stage: Stage, begun: Instant) {
        self.stages.push(stage.taking(milliseconds(begun)));
    }

    fn client(&self, auth: RestAuth) -> Rest {
        Rest::new(RestOptions {
            base_url: self.sane.url.clone(),
            auth,
            http: self.engine.http().clone(),
            clock: Arc::clone(self.engine.clock()),
            cloud: self.kind == SiteKind::Cloud,
        })
    }

    /// Whether a Jira answers, and which.
    async fn version(&mut self) -> Option<ServerInfo> {
        if self.has_failed() {
            self.stages.push(Stage::skipped("version", sentences::SKIPPED));
            return None;
        }
        let begun = Instant::now();
        match self.client(RestAuth::None).server_info().await {
            Ok(server) => {
                let stage = sentences::version(&server, self.kind, self.sane.address());
                self.push(stage, begun);
                Some(server)
            }
            Err(error) => {
                self.push(refused("version", &error), begun);
                None
            }
        }
    }

    /// Log-in, rights and projects, as far as there are credentials for REST.
    async fn rest(&mut self) {
        let auth = match (&self.sane.user, &self.sane.secret) {
            (_, None) => {
                let skipped =
                    ["log_in", "permission", "projects"].map(|stage| Stage::skipped(stage, sentences::NO_REST));
                return self.stages.extend(skipped);
            }
            (Some(user), Some(secret)) => RestAuth::Basic { user: user.clone(), secret: secret.clone() },
            (None, Some(secret)) => RestAuth::Bearer(secret.clone()),
        };
        let (Some(_), false) = (&self.server, self.has_failed()) else {
            let skipped = ["log_in", "permission", "projects"].map(|stage| Stage::skipped(stage, sentences::SKIPPED));
            return self.stages.extend(skipped);
        };
        let rest = self.client(auth);
        let begun = Instant::now();
        let myself = match rest.myself().await {
            Ok(myself) => myself,
            Err(error) => {
                self.push(refused("log_in", &error), begun);
                let skipped = ["permission", "projects"].map(|stage| Stage::skipped(stage, sentences::SKIPPED));
                return self.stages.extend(skipped);
            }
        };
        self.push(sentences::logged_in(&myself), begun);
        self.projects(&rest, &myself).await;
    }

    async fn projects(&mut self, rest: &Rest, myself: &Person) {
        let begun = Instant::now();
        let projects = match rest.projects().await {
            Ok(projects) => projects,
            Err(error) => {
                self.stages.push(Stage::skipped("permission", sentences::SKIPPED));
                return self.push(refused("projects", &error), begun);
            }
        };
        let listed = sentences::projects(&projects).taking(milliseconds(begun));
        let begun = Instant::now();
        let permission = self.permission(rest, myself, &projects).await;
        let permission = permission.unwrap_or_else(|error| refused("permission", &error));
        self.push(permission, begun);
        self.stages.push(listed);
        if self.settings.smart_commits && self.kind == SiteKind::DataCenter {
            let begun = Instant::now();
            match rest.time_tracking().await {
                Ok(is_on) => self.push(sentences::time_tracking(is_on), begun),
                Err(error) => self.push(refused("time_tracking", &error), begun),
            }
        }
    }

    /// What the user lacks, project by project; and whether it may ask for the rights of authors, proved by asking.
    async fn permission(&self, rest: &Rest, myself: &Person, projects: &[Project]) -> Result<Stage, JiraError> {
        let wanted = sentences::wanted_permissions(self.kind, self.settings);
        let mut lacking = Vec::new();
        for project in projects.iter().take(PROJECTS_LOOKED_AT) {
            let has = rest.my_permissions(Some(&project.key), &wanted).await?;
            let lacks: Vec<&str> = wanted.iter().copied().filter(|name| has.get(*name) != Some(&true)).collect();
            if !lacks.is_empty() {
                lacking.push((project.key.clone(), lacks.into_iter().map(str::to_owned).collect::<Vec<_>>()));
            }
        }
        let looked_at = projects.len().min(PROJECTS_LOOKED_AT);
        if self.settings.smart_commits
            && self.kind == SiteKind::DataCenter
            && let Some(key) = self.linked_issue(projects).await
        {
            match rest.may(&myself.id, &key, &["BROWSE_PROJECTS"]).await {
                Ok(_) => return Ok(sentences::permission(looked_at, &lacking, Some(&key))),
                Err(error) if error.problem == Problem::Forbidden => return Ok(sentences::may_not_ask(&key)),
                // A Jira without this question, unless the issue itself is gone.
                Err(error) if error.problem == Problem::NotFound => {
                    if rest.issue(&key).await?.is_some() {
                        return Ok(sentences::may_not_ask(&key));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(sentences::permission(looked_at, &lacking, None))
    }

    /// An issue of these projects that something is linked to.
    async fn linked_issue(&self, projects: &[Project]) -> Option<String> {
        let recent = self.engine.store().issue_keys_recent(Viewer::Everything, ISSUES_LOOKED_AT).await.ok()?;
        let is_its = |key: &str| projects.iter().any(|one| key.rsplit_once('-').is_some_and(|(of, _)| of == one.key));
        recent.into_iter().map(|(key, _)| key).find(|key| is_its(key))
    }

    /// Whether Cloud takes development information.
    async fn development_information(&mut self) -> Option<String> {
        let (SiteKind::Cloud, Some((client_id, client_secret))) = (self.kind, self.sane.client.clone()) else {
            return None;
        };
        let stages = &self.stages;
        // What REST lacks does not matter here.
        let is_reached =
            stages.iter().take_while(|stage| stage.stage != "log_in").all(|stage| stage.verdict != Verdict::Failed);
        if !is_reached {
            let skipped = ["site_id", "oauth", "dev_info"].map(|stage| Stage::skipped(stage, sentences::SKIPPED));
            self.stages.extend(skipped);
            return None;
        }
        let client = DevInfo::new(DevInfoOptions {
            site_url: self.sane.url.clone(),
            api_url: self.engine.options().atlassian_api.clone(),
            client_id,
            client_secret,
            cloud_id: None,
            http: self.engine.http().clone(),
            clock: Arc::clone(self.engine.clock()),
        });
        let begun = Instant::now();
        let cloud_id = match client.cloud_id().await {
            Ok(cloud_id) => cloud_id,
            Err(error) => {
                self.push(refused("site_id", &error), begun);
                let skipped = ["oauth", "dev_info"].map(|stage| Stage::skipped(stage, sentences::SKIPPED));
                self.stages.extend(skipped);
                return None;
            }
        };
        self.push(sentences::site_id(&cloud_id), begun);
        let begun = Instant::now();
        match client.sign_in().await {
            Ok(()) => self.push(sentences::signed_in(), begun),
            Err(error) => {
                self.push(sentences::credentials_refused(&error), begun);
                self.stages.push(Stage::skipped("dev_info", sentences::SKIPPED));
                return Some(cloud_id);
            }
        }
        let begun = Instant::now();
        // A question that changes nothing and takes the permission that sending takes.
        match client.exists_by_properties(&[("accountId".to_owned(), "0".to_owned())]).await {
            Ok(_) => self.push(sentences::takes_development_information(), begun),
            Err(error) => self.push(sentences::no_development_information(&error), begun),
        }
        Some(cloud_id)
    }
}

fn milliseconds(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A step that ended in an error of the client.
fn refused(stage: &str, error: &JiraError) -> Stage {
    Stage::failed(stage, error.happened(), error.cause(), error.remedy())
}
