//! How words, object ids and JSON stand in columns of text.

use std::str::FromStr;

use model::{
    AccountKind, Channel, EntityKind, ForgeUser, HookScope, HostKind, KeyForm, MergeRequestState, ObjectId, OutboxLane,
    OutboxState, Outcome, ReceiptReason, ReceiptState, Reviewer, SiteKind, SiteSettings, SyncChanges, Told,
};
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

/// A column that holds the stable name of a `T`.
#[derive(Debug)]
pub(crate) struct Word<T>(pub(crate) T);

/// A column that holds the stable name of a `T`, or nothing.
#[derive(Debug)]
pub(crate) struct MaybeWord<T>(pub(crate) Option<T>);

/// A column that holds object ids separated by blanks.
#[derive(Debug)]
pub(crate) struct ObjectIds(pub(crate) Vec<ObjectId>);

/// A column of text that holds JSON.
#[derive(Debug)]
pub(crate) struct JsonText<T>(pub(crate) T);

/// A column of text that holds JSON, or nothing.
#[derive(Debug)]
pub(crate) struct MaybeJsonText<T>(pub(crate) Option<T>);

macro_rules! text_column {
    ($name:ident $(<$parameter:ident>)?) => {
        impl<DB: Database, $($parameter)?> Type<DB> for $name $(<$parameter>)?
        where
            String: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as Type<DB>>::compatible(ty)
            }
        }
    };
}

text_column!(Word<T>);
text_column!(MaybeWord<T>);
text_column!(JsonText<T>);
text_column!(MaybeJsonText<T>);
text_column!(ObjectIds);

impl<'r, DB: Database, T> Decode<'r, DB> for Word<T>
where
    String: Decode<'r, DB>,
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(<String as Decode<DB>>::decode(value)?.parse()?))
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for MaybeWord<T>
where
    Option<String>: Decode<'r, DB>,
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <Option<String> as Decode<DB>>::decode(value)?;
        Ok(Self(text.map(|text| text.parse()).transpose()?))
    }
}

impl<'r, DB: Database> Decode<'r, DB> for ObjectIds
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<DB>>::decode(value)?;
        Ok(Self(text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for JsonText<T>
where
    String: Decode<'r, DB>,
    T: serde::de::DeserializeOwned,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(serde_json::from_str(&<String as Decode<DB>>::decode(value)?)?))
    }
}

impl<'r, DB: Database, T> Decode<'r, DB> for MaybeJsonText<T>
where
    Option<String>: Decode<'r, DB>,
    T: serde::de::DeserializeOwned,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <Option<String> as Decode<DB>>::decode(value)?;
        Ok(Self(text.map(|text| serde_json::from_str(&text)).transpose()?))
    }
}

/// Lets `#[sqlx(try_from = …)]` turn a column into the type of the field.
macro_rules! field_from_column {
    ($($column:ty => $field:ty),+ $(,)?) => {
        $(impl From<$column> for $field {
            fn from(column: $column) -> Self {
                column.0
            }
        })+
    };
}

field_from_column! {
    Word<HostKind> => HostKind,
    Word<AccountKind> => AccountKind,
    Word<EntityKind> => EntityKind,
    Word<HookScope> => HookScope,
    Word<KeyForm> => KeyForm,
    Word<MergeRequestState> => MergeRequestState,
    Word<ObjectId> => ObjectId,
    MaybeWord<ObjectId> => Option<ObjectId>,
    ObjectIds => Vec<ObjectId>,
    JsonText<ForgeUser> => ForgeUser,
    JsonText<Vec<Reviewer>> => Vec<Reviewer>,
    JsonText<serde_json::Value> => serde_json::Value,
    MaybeJsonText<serde_json::Value> => Option<serde_json::Value>,
    MaybeJsonText<SyncChanges> => Option<SyncChanges>,
    JsonText<model::Statistics> => model::Statistics,
    MaybeJsonText<model::Statistics> => Option<model::Statistics>,
    JsonText<Vec<String>> => Vec<String>,
    Word<SiteKind> => SiteKind,
    Word<Channel> => Channel,
    Word<Told> => Told,
    Word<Outcome> => Outcome,
    Word<OutboxLane> => OutboxLane,
    Word<OutboxState> => OutboxState,
    Word<ReceiptState> => ReceiptState,
    MaybeWord<ReceiptReason> => Option<ReceiptReason>,
    JsonText<SiteSettings> => SiteSettings,
}

/// An enum whose variants stand in a column as words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// The stable name, as in the store and in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = model::mention::UnknownWord;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(model::mention::UnknownWord(text.to_owned())),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<crate::rows::Word<$name>> for $name {
            fn from(column: crate::rows::Word<$name>) -> Self {
                column.0
            }
        }
    };
}
pub(crate) use words;
