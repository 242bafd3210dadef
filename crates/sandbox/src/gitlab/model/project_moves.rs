//! What happens to projects as a whole: forks, new names, new places, the end.

use super::{
    Event, HookPlace, Model, ModelError, Namespace, NewProject, Place, ProjectEvent, ProjectId, State, UserId, paths,
};

impl Model {
    /// Forks a project into a namespace under the same path: same visibility, its own copy of the repository.
    ///
    /// # Errors
    /// When source or namespace does not exist, the path is taken there, or the repository cannot be copied.
    pub async fn fork_project(
        &self,
        source: ProjectId,
        namespace: &str,
        creator: UserId,
    ) -> Result<ProjectId, ModelError> {
        let from = self.project(source).ok_or(ModelError::NotFound("Project"))?;
        self.fork_project_as(source, namespace, (&from.path, &from.name), creator).await
    }

    /// As [`Model::fork_project`], under another path and name. A fork can be forked again.
    ///
    /// # Errors
    /// As there.
    pub async fn fork_project_as(
        &self,
        source: ProjectId,
        namespace: &str,
        (path, name): (&str, &str),
        creator: UserId,
    ) -> Result<ProjectId, ModelError> {
        let now = self.now();
        let id = self.write(|state| {
            let visibility = state.projects.get(&source).ok_or(ModelError::NotFound("Project"))?.visibility;
            let (namespace, path, name) = (namespace.to_owned(), path.to_owned(), name.to_owned());
            let new = NewProject { namespace, path, name, visibility, creator };
            let id = state.insert_project(new, now)?;
            if let Some(fork) = state.projects.get_mut(&id) {
                fork.forked_from = Some(source);
            }
            Ok::<_, ModelError>(id)
        })?;
        self.repositories.fork(source, id).await?;
        self.note_default_branch(id).await?;
        self.tell_project(id, ProjectEvent::Create, None);
        Ok(id)
    }

    /// Gives a project another path and name; the old path leads to the new one from now on.
    ///
    /// # Errors
    /// When the path is malformed or taken.
    pub fn rename_project(&self, id: ProjectId, path: &str, name: &str) -> Result<(), ModelError> {
        paths::check(path, "path")?;
        let before = self.project_path(id);
        self.write(|state| {
            let namespace = state.projects.get(&id).ok_or(ModelError::NotFound("Project"))?.namespace;
            state.relocate(id, namespace, path)?;
            if let Some(project) = state.projects.get_mut(&id) {
                name.clone_into(&mut project.name);
            }
            Ok::<_, ModelError>(())
        })?;
        if before == self.project_path(id) {
            self.tell_project(id, ProjectEvent::Update, None);
        } else {
            self.tell_project(id, ProjectEvent::Rename, Some(before));
        }
        Ok(())
    }

    /// Moves a project to another namespace; the old path leads to the new one from now on.
    ///
    /// # Errors
    /// When the namespace does not exist or has such a path already.
    pub fn transfer_project(&self, id: ProjectId, namespace: &str) -> Result<(), ModelError> {
        let before = self.project_path(id);
        self.write(|state| {
            let path = state.projects.get(&id).ok_or(ModelError::NotFound("Project"))?.path.clone();
            let namespace = state.namespace_by_path(namespace).ok_or(ModelError::NotFound("Namespace"))?;
            state.relocate(id, namespace, &path)
        })?;
        self.tell_project(id, ProjectEvent::Transfer, Some(before));
        Ok(())
    }

    /// Makes another branch the default one.
    ///
    /// # Errors
    /// When there is no such branch, or the repository cannot be written.
    pub async fn set_default_branch(&self, id: ProjectId, branch: &str) -> Result<(), ModelError> {
        let exists = self.repositories.refs(id).await?.contains_key(&format!("refs/heads/{branch}"));
        if !exists {
            let problem = format!("Could not change HEAD: branch '{branch}' does not exist");
            return Err(ModelError::invalid("base", problem));
        }
        self.repositories.set_default_branch(id, branch).await?;
        self.note_default_branch(id).await?;
        self.tell_project(id, ProjectEvent::Update, None);
        Ok(())
    }

    /// Deletes a project with its merge requests, hooks and repository. Merge requests from it elsewhere lose their
    /// source.
    ///
    /// # Errors
    /// When the project does not exist or its repository cannot be removed.
    pub async fn delete_project(&self, id: ProjectId) -> Result<(), ModelError> {
        let before = self.project(id).map(|project| (project, self.project_path(id)));
        self.write(|state| state.forget_project(id))?;
        self.repositories.delete(id).await?;
        if let Some((project, path)) = before {
            let (what, snapshot) = (ProjectEvent::Destroy, Box::new(project));
            self.tell(Event::Project { what, snapshot, path, old_path: None });
        }
        Ok(())
    }
}

impl State {
    fn relocate(&mut self, id: ProjectId, namespace: Namespace, path: &str) -> Result<(), ModelError> {
        let project = self.projects.get(&id).ok_or(ModelError::NotFound("Project"))?;
        let before = self.project_path(project).to_ascii_lowercase();
        let after = format!("{}/{path}", self.namespace_path(namespace)).to_ascii_lowercase();
        if before != after {
            self.check_free(Some(namespace), path)?;
            self.former_paths.remove(&after);
            self.former_paths.insert(before, id);
        }
        if let Some(project) = self.projects.get_mut(&id) {
            project.namespace = namespace;
            path.clone_into(&mut project.path);
        }
        Ok(())
    }

    fn forget_project(&mut self, id: ProjectId) -> Result<(), ModelError> {
        self.projects.remove(&id).ok_or(ModelError::NotFound("Project"))?;
        self.former_paths.retain(|_, project| *project != id);
        self.members.retain(|(place, _), _| *place != Place::Project(id));
        self.hooks.retain(|_, hook| hook.place != HookPlace::Project(id));
        self.merge_requests.retain(|_, merge_request| merge_request.project != id);
        self.commit_comments.retain(|comment| comment.project != id);
        let kept = &self.merge_requests;
        self.notes.retain(|_, note| kept.contains_key(&note.merge_request));
        for merge_request in self.merge_requests.values_mut().filter(|it| it.source_project == Some(id)) {
            merge_request.source_project = None;
        }
        for project in self.projects.values_mut().filter(|project| project.forked_from == Some(id)) {
            project.forked_from = None;
        }
        Ok(())
    }
}
