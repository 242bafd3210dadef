//! What a token may be used for.

use std::collections::BTreeSet;
use std::fmt;

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $about:literal;)+) => {
        /// One scope.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scope {
            $($(#[$doc])* $variant,)+
        }

        impl Scope {
            /// Every scope, in the order of GitLab's page.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// GitLab's word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it allows, for the pages.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about),+ }
            }
        }
    };
}

scopes! {
    /// Everything.
    Api = "api", "Reads and writes everything: groups, projects, merge requests and hooks.";
    /// Every reading request.
    ReadApi = "read_api", "Reads everything, changes nothing.";
    /// The own profile.
    ReadUser = "read_user", "Reads the profile of the signed-in user.";
    /// git fetch over HTTP.
    ReadRepository = "read_repository", "Reads repositories with git over HTTP.";
    /// git push over HTTP.
    WriteRepository = "write_repository", "Reads and writes repositories with git over HTTP.";
    /// OpenID Connect.
    OpenId = "openid", "Signs in elsewhere with OpenID Connect.";
    /// OpenID Connect, the profile.
    Profile = "profile", "Tells the profile by OpenID Connect.";
    /// OpenID Connect, the e-mail.
    Email = "email", "Tells the e-mail address by OpenID Connect.";
}

impl Scope {
    /// The scope with GitLab's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == word)
    }
}

/// A set of scopes; written as GitLab does, separated by spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// The scope `api` alone, as a connector needs it.
    #[must_use]
    pub fn api() -> Self {
        Self::from_iter([Scope::Api])
    }

    /// Reads a space separated list; none when a word is unknown or there is no word.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        let scopes = words.split_whitespace().map(Scope::parse).collect::<Option<BTreeSet<_>>>()?;
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether all of `other` is in the set.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }

    /// The scopes, in the order of GitLab's page.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Whether REST may be read.
    #[must_use]
    pub fn reads_api(&self) -> bool {
        self.contains(Scope::Api) || self.contains(Scope::ReadApi)
    }

    /// Whether git may fetch.
    #[must_use]
    pub fn reads_repository(&self) -> bool {
        self.writes_repository() || self.contains(Scope::ReadRepository)
    }

    /// Whether git may push.
    #[must_use]
    pub fn writes_repository(&self) -> bool {
        self.contains(Scope::Api) || self.contains(Scope::WriteRepository)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { " " };
            write!(f, "{separator}{}", scope.as_str())?;
        }
        Ok(())
    }
}
