//! Users.

use serde_json::{Map, Value, json};

use super::Lens;
use crate::jira::Deployment;
use crate::jira::model::{EmailVisibility, User, UserId};

impl Lens<'_> {
    /// What everybody who is logged in sees of a user; null for one that does not exist.
    pub(crate) fn user(self, id: UserId) -> Value {
        self.state.users.get(&id).map_or(Value::Null, |user| self.shape(user))
    }

    /// What is told of a user who is asked for alone.
    pub(crate) fn user_in_full(self, id: UserId) -> Value {
        let mut shape = self.user(id);
        shape["locale"] = json!("en_US");
        shape["groups"] = json!({ "size": 0, "items": [] });
        shape["applicationRoles"] = json!({ "size": 1, "items": [] });
        shape["expand"] = json!("groups,applicationRoles");
        if self.deployment == Deployment::DataCenter {
            shape["deleted"] = json!(false);
        }
        shape
    }

    fn shape(self, user: &User) -> Value {
        let mut shape = Map::new();
        let mut set = |field: &str, value: Value| shape.insert(field.to_owned(), value);
        match self.deployment {
            Deployment::DataCenter => {
                set("self", json!(self.address(&format!("/user?username={}", user.login))));
                set("key", json!(user.key()));
                set("name", json!(user.login));
            }
            Deployment::Cloud => {
                set("self", json!(self.address(&format!("/user?accountId={}", user.account_id()))));
                set("accountId", json!(user.account_id()));
                set("accountType", json!("atlassian"));
            }
        }
        match self.state.settings.emails {
            EmailVisibility::Shown => set("emailAddress", json!(user.email)),
            EmailVisibility::Masked => set("emailAddress", json!(masked(&user.email))),
            EmailVisibility::Hidden => None,
        };
        set("avatarUrls", avatars(self.url));
        set("displayName", json!(user.name));
        set("active", json!(user.active));
        set("timeZone", json!("Etc/UTC"));
        Value::Object(shape)
    }
}

fn masked(email: &str) -> String {
    email.replace('@', " at ").replace('.', " dot ")
}

/// Where the pictures of a user or project are: everybody has the same.
pub(super) fn avatars(url: &str) -> Value {
    let at = |size: &str| format!("{url}/secure/useravatar?size={size}");
    json!({ "48x48": at("large"), "32x32": at("medium"), "24x24": at("small"), "16x16": at("xsmall") })
}
