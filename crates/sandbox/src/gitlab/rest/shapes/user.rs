//! Users.

use serde_json::{Value, json};

use super::{Lens, time};
use crate::gitlab::model::{User, UserId, UserState};

impl Lens<'_> {
    /// What everybody sees of a user; null for one that does not exist.
    pub(crate) fn user_basic(self, id: UserId) -> Value {
        self.state.users.get(&id).map_or(Value::Null, |user| self.basic(user))
    }

    fn basic(self, user: &User) -> Value {
        json!({
            "id": user.id,
            "username": user.login,
            "public_email": "",
            "name": user.name,
            "state": state(user),
            "locked": false,
            "avatar_url": self.avatar(user),
            "web_url": format!("{}/{}", self.url, user.login),
        })
    }

    /// The address of a user's picture.
    pub(crate) fn avatar(self, user: &User) -> String {
        format!("{}/-/avatar/{}", self.url, user.id)
    }

    /// What everybody who is signed in sees of one user.
    pub(crate) fn user(self, user: &User) -> Value {
        let mut shape = self.basic(user);
        shape["created_at"] = json!(time(user.created_at));
        shape["bot"] = json!(user.bot);
        for field in ["bio", "location", "linkedin", "twitter", "website_url", "organization", "job_title"] {
            shape[field] = json!("");
        }
        shape["pronouns"] = Value::Null;
        shape
    }

    /// What a user sees of themselves, and an administrator of everybody.
    pub(crate) fn user_in_full(self, user: &User, for_admin: bool) -> Value {
        let mut shape = self.user(user);
        let private = json!({
            "email": user.email,
            "commit_email": user.email,
            "confirmed_at": time(user.created_at),
            "last_sign_in_at": time(user.created_at),
            "current_sign_in_at": time(user.created_at),
            "color_scheme_id": 1,
            "projects_limit": 100_000,
            "identities": [],
            "can_create_group": true,
            "can_create_project": true,
            "two_factor_enabled": false,
            "external": false,
            "private_profile": false,
        });
        merge(&mut shape, private);
        if for_admin {
            merge(&mut shape, json!({ "is_admin": user.admin, "namespace_id": user.namespace, "note": null }));
        }
        shape
    }
}

fn state(user: &User) -> &'static str {
    match user.state {
        UserState::Active => "active",
        UserState::Blocked => "blocked",
    }
}

/// Adds the fields of one object to another.
pub(crate) fn merge(shape: &mut Value, more: Value) {
    if let (Value::Object(shape), Value::Object(more)) = (shape, more) {
        shape.extend(more);
    }
}
