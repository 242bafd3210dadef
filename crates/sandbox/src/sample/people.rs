//! Who works there.

/// The password of everybody in the sample.
pub(crate) const PASSWORD: &str = "sandbox-password";

/// Somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) login: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    /// The offset of the time zone, as git writes it.
    pub(crate) zone: &'static str,
}

const fn person(login: &'static str, name: &'static str, email: &'static str, zone: &'static str) -> Person {
    Person { login, name, email, zone }
}

/// The administrator of the instance.
pub(crate) const ROOT: Person = person("root", "Administrator", "root@example.com", "+0000");
/// Whom a connector acts for: an owner of the group who is no administrator.
pub(crate) const INTEGRATION: Person = person("integration", "Integration", "integration@example.com", "+0000");
/// The person who owns the group.
pub(crate) const OWNER: Person = ADA;
pub(crate) const ADA: Person = person("ada", "Ada Kowalska", "ada.kowalska@example.com", "+0100");
pub(crate) const BEN: Person = person("ben", "Ben Okafor", "ben.okafor@example.com", "+0000");
pub(crate) const CHEN: Person = person("chen", "陈思远", "chen.siyuan@example.com", "+0800");
pub(crate) const DALIA: Person = person("dalia", "Dalia Haddad", "dalia.haddad@example.com", "+0300");
pub(crate) const EMILE: Person = person("emile", "Émile Lefèvre", "emile.lefevre@example.com", "+0100");
pub(crate) const MIKA: Person = person("mika", "Mika Ōta", "mika.ota@example.com", "+0900");

/// Everybody, in the order in which they came.
pub(crate) const ALL: [Person; 8] = [ROOT, INTEGRATION, ADA, BEN, CHEN, DALIA, EMILE, MIKA];
