//! People who push, one after the other, to a few projects of the group.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sandbox::gitlab::Server;
use sandbox::gitlab::model::{Model, ModelError, ProjectId, UserId, Visibility};

/// How many projects they push to.
const PROJECTS: usize = 4;

/// Pushes, the same ones every time.
pub struct Traffic {
    model: Arc<Model>,
    user: UserId,
    projects: Vec<ProjectId>,
    random: StdRng,
    pushed: u32,
}

impl Traffic {
    /// Projects with one commit each.
    pub async fn new(gitlab: &Server, group: &str) -> Self {
        let model = gitlab.model();
        // An event that finds nobody is lost; that must not end all events.
        model.change_settings(|settings| settings.hook_disabling = false);
        let user = model.user_by_login(sandbox::sample::INTEGRATION_USER).unwrap().id;
        let mut traffic = Self { model, user, projects: Vec::new(), random: StdRng::seed_from_u64(7), pushed: 0 };
        for number in 0..PROJECTS {
            let path = format!("busy-{number}");
            let project = traffic.model.create_project(group, &path, &path, Visibility::Private, user).await.unwrap();
            traffic.projects.push(project);
            traffic.push(project, "main", None).await.unwrap();
        }
        traffic
    }

    /// The projects that are pushed to.
    pub fn projects(&self) -> impl Iterator<Item = ProjectId> {
        self.projects.iter().copied()
    }

    /// So many pushes: a commit on main, or a new branch with one.
    pub async fn pushes(&mut self, count: usize) -> Result<(), ModelError> {
        for _ in 0..count {
            let project = self.projects[self.random.random_range(0..PROJECTS)];
            let branch = match self.random.random_range(0..3) {
                0 => format!("BUSY-{}-{}", self.pushed % 20, self.pushed),
                _ => "main".to_owned(),
            };
            self.push(project, &branch, Some("refs/heads/main^0")).await?;
        }
        Ok(())
    }

    async fn push(&mut self, project: ProjectId, branch: &str, from: Option<&str>) -> Result<(), ModelError> {
        self.pushed += 1;
        let (number, at) = (self.pushed, 1_760_000_000 + self.pushed);
        let from = from.map(|from| format!("from {from}\n")).unwrap_or_default();
        let message = format!("BUSY-{} Push {number}", number % 20);
        let stream = format!(
            "commit refs/heads/{branch}\ncommitter Ada <ada@example.com> {at} +0000\ndata {}\n{message}\n{from}\
             M 100644 inline {number}.txt\ndata 2\nx\n\n",
            message.len()
        );
        self.model.import(project, self.user, stream.into_bytes()).await
    }
}
