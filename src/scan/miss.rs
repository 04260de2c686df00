//! What a record lacks to be matched by a signature, in words.
//!
//! In: what [`verify`](super::verify) found missing; nothing is judged here a second time. Out: a sentence for the author
//! of a pack.

use crate::base::{Glob, Level};
use crate::record::Record;
use crate::rules::Signature;

/// A condition that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss<'s> {
    /// This literal of `all` does not stand in the message.
    All(&'s str),
    /// This literal of `none` stands in the message.
    None(&'s str),
    /// The unit is not within `where`.
    Unit,
    /// The identifier is not within `where`.
    Identifier,
    /// The host is not within `where`.
    Host,
    /// The level is not known, or not as bad as this.
    Level(Level),
    /// This field is not there, or does not fit.
    Field(&'s str),
    /// Nothing of `any`, `regex` and `message-id` speaks about the record.
    Words,
}

impl Miss<'_> {
    /// Is it a condition of `where`?
    pub(super) fn is_scope(&self) -> bool {
        matches!(self, Miss::Unit | Miss::Identifier | Miss::Host | Miss::Level(_) | Miss::Field(_))
    }

    /// The reason, with what was expected and what was found.
    pub fn told(&self, signature: &Signature, record: &Record<'_>) -> String {
        let scope = &signature.scope;
        match self {
            Miss::All(literal) => format!("'{literal}' of 'all' does not stand in it"),
            Miss::None(literal) => format!("'none' excludes it: '{literal}' stands in it too"),
            Miss::Unit => outside("unit", &record.unit, &scope.unit),
            Miss::Identifier => outside("identifier", &record.identifier, &scope.identifier),
            Miss::Host => outside("host", &record.host, &scope.host),
            Miss::Level(worst) => match record.level {
                Some(level) => format!("its level is {level}, and where.level wants {worst} or worse"),
                None => format!("its level is not stated, and where.level wants {worst} or worse"),
            },
            Miss::Field(name) => match record.field(name) {
                Some(value) => {
                    let value = String::from_utf8_lossy(&value).into_owned();
                    let globs = scope.fields.iter().filter(|(known, _)| known == name).flat_map(|(_, globs)| globs);
                    outside(&format!("field.{name}"), &value, globs)
                }
                None => format!("it has no field '{name}' (where.field)"),
            },
            Miss::Words => match (signature.any.len(), signature.regex.as_slice()) {
                (0, []) => "its MESSAGE_ID is another".to_owned(),
                (_, []) => "none of the literals of 'any' stands in it".to_owned(),
                (0, [one]) => format!("the regex does not match: {one}"),
                (0, many) => format!("none of its {} regexes matches", many.len()),
                (_, many) => format!("neither 'any' nor one of its {} regexes matches", many.len()),
            },
        }
    }
}

fn outside<'g>(what: &str, found: &str, globs: impl IntoIterator<Item = &'g Glob>) -> String {
    let wanted: Vec<String> = globs.into_iter().map(|glob| format!("'{}'", glob.as_str())).collect();
    format!("{what} '{found}' is not within where.{what}: {}", wanted.join(", "))
}
