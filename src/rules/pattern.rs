//! Reads a regular expression the way the scanner will, and says what is wrong with it.
//!
//! In: a pattern of a pack. Out: its meaning as a tree, or a [`Fault`] with the place inside the pattern. It must never
//! let a pattern through that could take more than linear time, or more memory than [`NFA_LIMIT`].

use std::ops::Range;

use regex_automata::nfa::thompson::{NFA, WhichCaptures};
use regex_syntax::ast::{self, Ast, ErrorKind, Flag, GroupKind, parse::ParserBuilder};
use regex_syntax::hir::{Hir, translate::TranslatorBuilder};

/// Groups in groups, at most; what walks a pattern may recurse this deep.
const NEST_LIMIT: u32 = 64;
/// A pattern compiled may take so many bytes; counted repeats of counted repeats are what grows beyond it.
const NFA_LIMIT: usize = 256 * 1024;
/// The remedy for a pattern without a literal.
const LITERAL_HELP: &str = "patterns without one would have to be tried on every record";

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bytes of the pattern that are wrong; the whole pattern when it is `None`.
    pub at: Option<Range<usize>>,
    pub what: String,
    pub help: Option<String>,
}

impl Fault {
    fn new(at: Option<&ast::Span>, what: impl Into<String>, help: impl Into<Option<String>>) -> Fault {
        let at = at.map(|span| span.start.offset..span.end.offset);
        Fault { at, what: what.into(), help: help.into() }
    }
}

/// Everything that a pattern must be: well-formed, over bytes, small, and with a literal in every match.
pub(super) fn check(pattern: &str) -> Result<(), Fault> {
    let hir = read(pattern)?;
    let limits = NFA::config().utf8(false).nfa_size_limit(Some(NFA_LIMIT)).which_captures(WhichCaptures::None);
    if NFA::compiler().configure(limits).build_from_hir(&hir).is_err() {
        let what = format!("the pattern takes more than {} KiB when compiled", NFA_LIMIT / 1024);
        return Err(Fault::new(None, what, "use smaller repeat counts, or '*' and '+'".to_owned()));
    }
    match super::literals::of_hir(&hir) {
        Ok(_) => Ok(()),
        Err(why) => Err(Fault::new(None, why, LITERAL_HELP.to_owned())),
    }
}

/// The meaning of a pattern, over bytes, letter case as written.
pub(super) fn read(pattern: &str) -> Result<Hir, Fault> {
    let ast = ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern).map_err(|err| syntax(&err))?;
    if let Some(span) = ast::visit(&ast, UnicodeFlag(None)).unwrap_or(None) {
        return Err(Fault::new(Some(&span), "the flag 'u' cannot be used", BYTES_HELP.to_owned()));
    }
    let mut meaning = TranslatorBuilder::new().unicode(false).utf8(false).build();
    meaning.translate(pattern, &ast).map_err(|err| {
        use regex_syntax::hir::ErrorKind as Kind;
        match err.kind() {
            Kind::UnicodeNotAllowed
            | Kind::UnicodePropertyNotFound
            | Kind::UnicodePropertyValueNotFound
            | Kind::UnicodePerlClassNotFound => {
                Fault::new(Some(err.span()), "Unicode classes cannot be used", BYTES_HELP.to_owned())
            }
            other => Fault::new(Some(err.span()), format!("bad pattern: {other}"), None),
        }
    })
}

const BYTES_HELP: &str = "patterns match bytes, and \\b \\w \\d \\s are ASCII; write other letters one by one, (?:ä|ö)";

fn syntax(err: &ast::Error) -> Fault {
    let linear = |what| {
        let help = "patterns run in linear time, which rules it out; use 'none' or a second signature";
        Fault::new(Some(err.span()), what, help.to_owned())
    };
    match err.kind() {
        ErrorKind::UnsupportedLookAround => linear("look-around cannot be used"),
        ErrorKind::UnsupportedBackreference => linear("back-references cannot be used"),
        ErrorKind::NestLimitExceeded(limit) => {
            Fault::new(Some(err.span()), format!("more than {limit} groups in each other"), None)
        }
        other => Fault::new(Some(err.span()), format!("bad pattern: {other}"), None),
    }
}

/// Finds the first place that switches Unicode on.
struct UnicodeFlag(Option<ast::Span>);

impl ast::Visitor for UnicodeFlag {
    type Output = Option<ast::Span>;
    type Err = ();

    fn finish(self) -> Result<Option<ast::Span>, ()> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        let flags = match ast {
            Ast::Flags(set) => Some(&set.flags),
            Ast::Group(group) => match &group.kind {
                GroupKind::NonCapturing(flags) => Some(flags),
                _ => None,
            },
            _ => None,
        };
        if let Some(flags) = flags.filter(|flags| flags.flag_state(Flag::Unicode) == Some(true)) {
            self.0.get_or_insert(flags.span);
        }
        Ok(())
    }
}
