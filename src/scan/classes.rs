//! A table of failure classes, asked about one text or one result.
//!
//! In: a [`ClassTable`], one of its orders, and a [`Case`]. Out: the first rule that fits, and by what. One pass over a
//! text finds the literals of all rules at once; only rules that were hit there look closer, in the table's order. The
//! slow way, for tests, lets every rule look. Patterns run in linear time, as everywhere.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::base::Error;
use crate::record::{Outcome, Part};
use crate::rules::{ClassRule, ClassTable, Fact, required_of_regex};

use matcher::{Matcher, code, is_word};

mod matcher;

/// What is sorted into a class: one line, or the texts of a result.
#[derive(Clone, Copy, Debug)]
pub enum Case<'a> {
    /// A line of a log, or of the standard error of some command.
    Line(&'a [u8]),
    /// A result.
    Outcome(&'a Outcome),
}

impl<'a> Case<'a> {
    /// Its texts; a line has no key.
    pub fn parts(self) -> impl Iterator<Item = (Option<Part>, &'a [u8])> {
        let (line, outcome) = match self {
            Case::Line(line) => (Some((None, line)), None),
            Case::Outcome(outcome) => (None, Some(outcome)),
        };
        line.into_iter().chain(outcome.into_iter().flat_map(|o| o.parts().map(|(part, text)| (Some(part), text))))
    }

    fn holds(self, fact: Fact) -> bool {
        let Case::Outcome(outcome) = self else { return false };
        match fact {
            Fact::PolicyViolations => outcome.policy_violations,
            Fact::ValidationFailed => outcome.validation_failed,
            Fact::KnownFlaky => outcome.flaky,
            Fact::EmptyOutput => outcome.empty_output,
            Fact::TimeoutHit => outcome.timeout_hit,
            Fact::RateLimited => outcome.rate_limited,
            Fact::QuotaExhausted => outcome.quota_exhausted,
        }
    }
}

/// A rule that fits, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The index of the rule.
    pub rule: usize,
    /// By what.
    pub by: By,
}

/// By what a rule fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Words of a text: the text's number among the parts, where in it, and the question that they hold.
    Words(usize, Range<usize>, Option<Range<usize>>),
    /// A fact of the result.
    Fact(Fact),
    /// The result names the class or the code itself.
    Name,
}

/// What a table says of a line or a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The first rule that fits, words taken as words. Nothing: none does, and it is the one of `otherwise`.
    pub better: Option<Hit>,
    /// What the original program says: its substrings in its order, anywhere in its excerpt.
    pub exact: Option<Hit>,
    /// What the original program tests apart from its classes, and finds.
    pub apart: Option<Hit>,
}

/// A text, its key, and the rules that may fit it.
type Text<'a> = (Option<Part>, &'a [u8], Bits);

/// Which rules may fit a text, one bit each.
#[derive(Clone, Copy, Debug, Default)]
struct Bits {
    exact: u64,
    better: u64,
    code: u64,
    /// The text may name a class: `classification: ...`.
    names: bool,
}

impl Bits {
    const ALL: Bits = Bits { exact: u64::MAX, better: u64::MAX, code: u64::MAX, names: true };

    fn add(&mut self, other: Bits) {
        self.exact |= other.exact;
        self.better |= other.better;
        self.code |= other.code;
        self.names |= other.names;
    }
}

/// The word before a class that somebody wrote into a text.
const NAMING: &[u8] = b"classification";

/// A table, ready to be asked. Shared by all threads.
pub struct ClassPlan {
    table: ClassTable,
    order: Vec<usize>,
    matchers: Vec<Matcher>,
    needles: AhoCorasick,
    owners: Vec<Bits>,
    naive: bool,
}

impl ClassPlan {
    /// A plan of this table in the order with this name; without a name in its first one.
    ///
    /// # Errors
    /// When the table has no such order, or a pattern is too large.
    pub fn new(table: ClassTable, order: Option<&str>) -> Result<ClassPlan, Error> {
        let names: Vec<&str> = table.orders.iter().map(|(name, _)| name.as_str()).collect();
        let Some(chosen) = table.order(order) else {
            let what = format!("the classifier '{}' has no order '{}'", table.name, order.unwrap_or_default());
            return Err(Error::new(what).help(format!("it has: {}", names.join(", "))));
        };
        let order = chosen.to_vec();
        let mut needles: BTreeMap<Vec<u8>, Bits> = BTreeMap::new();
        let mut matchers = Vec::new();
        for (rule, bit) in table.rules.iter().zip((0..64).map(|i| 1u64 << i)) {
            let mut add = |literal: Vec<u8>, bits: Bits| needles.entry(literal).or_default().add(bits);
            let broken = |err: String| Error::new(format!("{}: {}: {err}", table.name, rule.id));
            let (exact, better) = (Bits { exact: bit, ..Bits::default() }, Bits { better: bit, ..Bits::default() });
            for literal in &rule.exact {
                add(literal.as_bytes().to_vec(), exact);
            }
            for literal in &rule.words {
                add(literal.as_bytes().to_vec(), better);
            }
            for (patterns, bits) in [(&rule.exact_regex, exact), (&rule.regex, better)] {
                for pattern in patterns {
                    for literal in required_of_regex(pattern).map_err(broken)? {
                        add(literal, bits);
                    }
                }
            }
            if table.codes {
                add(rule.id.to_ascii_lowercase().into_bytes(), Bits { code: bit, ..Bits::default() });
            }
            matchers.push(
                Matcher::new(rule).map_err(|err| Error::new(format!("{}: {}", table.name, rule.id)).because(err))?,
            );
        }
        needles.entry(NAMING.to_vec()).or_default().names = true;
        let (texts, owners): (Vec<_>, Vec<_>) = needles.into_iter().unzip();
        let needles = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&texts)
            .map_err(|err| Error::new("the literals of the classifier do not fit into one automaton").because(err))?;
        Ok(ClassPlan { table, order, matchers, needles, owners, naive: false })
    }

    /// Lets every rule look at every text: the slow way that tests compare with.
    #[must_use]
    pub fn naive(mut self, naive: bool) -> ClassPlan {
        self.naive = naive;
        self
    }

    /// The table.
    pub fn table(&self) -> &ClassTable {
        &self.table
    }

    /// The rule with this index.
    pub fn rule(&self, index: usize) -> Option<&ClassRule> {
        self.table.rules.get(index)
    }

    fn bits(&self, text: &[u8]) -> Bits {
        if self.naive {
            return Bits::ALL;
        }
        let mut bits = Bits::default();
        for hit in self.needles.find_overlapping_iter(text) {
            if let Some(owner) = self.owners.get(hit.pattern().as_usize()) {
                bits.add(*owner);
            }
        }
        bits
    }

    /// Asks the table about a line or a result.
    pub fn ask(&self, case: Case<'_>) -> Answer {
        let bits = |(part, text)| (part, text, self.bits(text));
        match case {
            Case::Line(line) => self.answer(case, &[bits((None, line))]),
            Case::Outcome(_) => self.answer(case, &case.parts().map(bits).collect::<Vec<_>>()),
        }
    }

    fn answer(&self, case: Case<'_>, parts: &[Text<'_>]) -> Answer {
        Answer {
            better: self.better(case, parts),
            exact: self.exact(case, parts, false),
            apart: self.exact(case, parts, true),
        }
    }

    fn better(&self, case: Case<'_>, parts: &[Text<'_>]) -> Option<Hit> {
        if let Case::Outcome(outcome) = case
            && let Some(rule) = outcome.code().and_then(|code| self.named(code))
        {
            return Some(Hit { rule, by: By::Name });
        }
        if let Some(hit) = self.written(parts) {
            return Some(hit);
        }
        let speaks = |part: Option<Part>, rule: &ClassRule| rule.everywhere || part.is_none_or(Part::is_error);
        let hit = self.first(case, parts, speaks);
        // A run that failed and says nothing on standard error may have said it elsewhere.
        let failed = matches!(case, Case::Outcome(outcome) if !outcome.worked());
        hit.or_else(|| failed.then(|| self.first(case, parts, |_, _| true)).flatten())
    }

    fn first(
        &self,
        case: Case<'_>,
        parts: &[Text<'_>],
        speaks: impl Fn(Option<Part>, &ClassRule) -> bool,
    ) -> Option<Hit> {
        if matches!(case, Case::Line(_)) && parts.iter().all(|(.., bits)| bits.better == 0) {
            return None;
        }
        self.order.iter().find_map(|&index| {
            let (rule, matcher) = (self.table.rules.get(index)?, self.matchers.get(index)?);
            if let Some(fact) = fact(case, rule, true) {
                return Some(Hit { rule: index, by: By::Fact(fact) });
            }
            let texts = parts.iter().enumerate();
            texts.filter(|(_, (part, _, bits))| bits.better >> index & 1 == 1 && speaks(*part, rule)).find_map(
                |(number, (_, text, _))| {
                    let (range, question) = matcher.better(text)?;
                    Some(Hit { rule: index, by: By::Words(number, range, question) })
                },
            )
        })
    }

    fn exact(&self, case: Case<'_>, parts: &[Text<'_>], apart: bool) -> Option<Hit> {
        if let Case::Outcome(outcome) = case
            && !apart
            && outcome.parts().all(|(_, text)| text.is_empty())
            && let Some(rule) = outcome.code().and_then(|code| self.named(code))
        {
            return Some(Hit { rule, by: By::Name });
        }
        if matches!(case, Case::Line(_)) && parts.iter().all(|(.., bits)| bits.exact == 0) {
            return None;
        }
        let has_stderr = parts.iter().any(|(part, ..)| *part == Some(Part::Stderr));
        let excerpt = |part: Option<Part>| match part {
            Some(part) if has_stderr => part == Part::Stderr,
            Some(part) => part.is_error(),
            None => true,
        };
        self.order.iter().find_map(|&index| {
            let (rule, matcher) = (self.table.rules.get(index)?, self.matchers.get(index)?);
            if rule.apart != apart {
                return None;
            }
            if let Some(fact) = fact(case, rule, false) {
                return Some(Hit { rule: index, by: By::Fact(fact) });
            }
            parts
                .iter()
                .enumerate()
                .filter(|(_, (part, _, bits))| bits.exact >> index & 1 == 1 && (rule.everywhere || excerpt(*part)))
                .find_map(|(number, (_, text, _))| {
                    let (range, question) = matcher.exact(text)?;
                    Some(Hit { rule: index, by: By::Words(number, range, question) })
                })
        })
    }

    /// The rule that goes by this name: its id, or another name of it.
    fn named(&self, name: &[u8]) -> Option<usize> {
        let name = name.trim_ascii();
        let is = |known: &String| known.as_bytes().eq_ignore_ascii_case(name);
        self.table.rules.iter().position(|rule| is(&rule.id) || rule.names.iter().any(is))
    }

    /// A class that the text names: it is nothing but the name, it says `classification: NAME`, or it holds an error code.
    fn written(&self, parts: &[Text<'_>]) -> Option<Hit> {
        for (number, (_, text, bits)) in parts.iter().enumerate() {
            let whole = text.trim_ascii();
            if let Some(rule) = Some(whole).filter(|text| (1..100).contains(&text.len())).and_then(|t| self.named(t)) {
                let start = text.len() - text.trim_ascii_start().len();
                return Some(Hit { rule, by: By::Words(number, start..start + whole.len(), None) });
            }
            if bits.names
                && let Some((rule, range)) = self.after_naming(text)
            {
                return Some(Hit { rule, by: By::Words(number, range, None) });
            }
            if !self.table.codes || bits.code == 0 {
                continue;
            }
            let codes = self.table.rules.iter().enumerate().filter(|(index, _)| bits.code >> index & 1 == 1);
            let found = codes.filter_map(|(index, rule)| code(text, rule.id.as_bytes()).map(|range| (index, range)));
            if let Some((rule, range)) = found.min_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end))) {
                return Some(Hit { rule, by: By::Words(number, range, None) });
            }
        }
        None
    }

    /// `classification: NAME`, `"classification": "NAME"`, `classification=NAME`.
    fn after_naming(&self, text: &[u8]) -> Option<(usize, Range<usize>)> {
        let lower = text.to_ascii_lowercase();
        memchr::memmem::find_iter(&lower, NAMING).find_map(|at| {
            let from = at + NAMING.len();
            let rest = lower.get(from..)?;
            let skip = rest.iter().take(6).take_while(|b| b" \t:=\"'`".contains(b)).count();
            let rest = rest.get(skip..).filter(|_| skip > 0)?;
            let names = self.table.rules.iter().enumerate().flat_map(|(index, rule)| {
                std::iter::once(&rule.id).chain(&rule.names).map(move |name| (index, name.as_bytes()))
            });
            let fits = |name: &[u8]| {
                rest.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name))
                    && rest.get(name.len()).is_none_or(|b| !is_word(*b))
            };
            let (rule, name) = names.filter(|(_, name)| fits(name)).max_by_key(|(_, name)| name.len())?;
            Some((rule, from + skip..from + skip + name.len()))
        })
    }
}

/// The fact by which a rule fits: all of `when`, or, if we may be better than the original, one of `facts`.
fn fact(case: Case<'_>, rule: &ClassRule, better: bool) -> Option<Fact> {
    let all = rule.when.iter().all(|fact| case.holds(*fact));
    let by_when = rule.when.first().copied().filter(|_| all);
    by_when.or_else(|| rule.facts.iter().copied().filter(|_| better).find(|fact| case.holds(*fact)))
}

#[cfg(test)]
mod tests;
