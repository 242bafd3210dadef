//! Deleting development information: by id up to a sequence id, or by the properties that it was sent with (devinfo contract
//! §2).

use super::{Devinfo, Entity, EntityKind, Model, Place, Submission};

/// Pairs that a submission must all have.
type Properties = [(String, String)];

fn has(submission: &Submission, properties: &Properties) -> bool {
    properties.iter().all(|(key, value)| submission.properties.get(key) == Some(value))
}

impl Devinfo {
    /// Deletes a repository with all of its entities, as far as they are no newer than this.
    fn remove_repository(&mut self, id: &str, up_to: i64) {
        let old: Vec<Place> = self.entities_of(id).filter(|entity| entity.sequence <= up_to).map(place).collect();
        old.iter().for_each(|place| self.remove(place));
        let empty = self.entities_of(id).next().is_none();
        if empty && self.repositories.get(id).is_some_and(|repository| repository.sequence <= up_to) {
            self.repositories.remove(id);
        }
    }

    /// Whether anything was sent with all of these properties.
    pub(crate) fn has_any(&self, properties: &Properties) -> bool {
        self.repositories.values().any(|repository| has(&repository.submission, properties))
            || self.entities.values().any(|entity| has(&entity.submission, properties))
    }

    fn remove_by_properties(&mut self, properties: &Properties) {
        let with = self.entities.values().filter(|entity| has(&entity.submission, properties));
        let places: Vec<Place> = with.map(place).collect();
        places.iter().for_each(|place| self.remove(place));
        self.repositories.retain(|_, repository| !has(&repository.submission, properties));
    }
}

fn place(entity: &Entity) -> Place {
    (entity.repository.clone(), entity.kind, entity.id.clone())
}

impl Model {
    /// Deletes a repository with all of its entities, as far as they are no newer than this.
    pub(crate) fn delete_development_repository(&self, id: &str, up_to: i64) {
        self.write(|state| state.devinfo.remove_repository(id, up_to));
    }

    /// Deletes an entity, if it is no newer than this.
    pub(crate) fn delete_development_entity(&self, repository: &str, kind: EntityKind, id: &str, up_to: i64) {
        let place = (repository.to_owned(), kind, id.to_owned());
        self.write(|state| {
            if state.devinfo.entities.get(&place).is_some_and(|entity| entity.sequence <= up_to) {
                state.devinfo.remove(&place);
            }
        });
    }

    /// Deletes everything that was sent with all of these properties.
    pub(crate) fn delete_development_by_properties(&self, properties: &Properties) {
        self.write(|state| state.devinfo.remove_by_properties(properties));
    }
}
