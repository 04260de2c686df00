//! Which group explains which.
//!
//! A group is attached to another only for a reason that can be told: its lines name the other's unit or its product,
//! the pack of the other's cause says that it leads to this, the manager says that it waits for it, memory or disk of the
//! same host ran out for both, or it cannot connect to anything from the moment on at which the other went down.

use std::cell::OnceCell;

use crate::base::{Class, FindingKind, Severity, Span, stem};
use crate::detect::{Finding, Stop};
use crate::rules::Selector;
use crate::scan::Plan;

use super::cause::Cause;
use super::group::Group;
use super::mentions::Mentions;

/// A consequence shows within this time after its cause was last seen.
pub(super) const AFTER: Span = Span::seconds(15 * 60);

/// Clocks and buffers: a consequence may be logged this long before its cause.
const BEFORE: Span = Span::seconds(60);

/// Without a name, only what begins this soon after the other went down is taken for its consequence.
const SOON: Span = Span::seconds(120);

/// What came back has clients that fail for this long after it.
const BACK: Span = Span::seconds(15);

/// Groups that others are held against. Each text is searched for the names of all of them, so there must be a bound; of
/// more, the worst are taken, then those whose kind stands nearest to the beginning of a chain, then the earliest.
pub(super) const MOST: usize = 500;

/// Why a group is attached to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// It began to fail when the other had gone down.
    Timing,
    /// The same resource of the same host.
    Shared,
    /// A pack says that the one leads to the other.
    Rule,
    /// The service manager says so, or the lines name the other.
    Named,
}

/// For each group the one that explains it, if any, and why. Never a circle: the explaining group began earlier, or
/// stands earlier in the list.
pub(super) fn link(plan: &Plan, groups: &[Group<'_>], causes: &[Vec<Cause>]) -> Vec<Option<(usize, Reason)>> {
    let mut parents = vec![None; groups.len()];
    let candidates = candidates(groups, causes);
    let stems: Vec<&str> = groups.iter().map(|group| stem(&group.unit)).collect();
    let mentions = OnceCell::new();
    let mentions =
        || mentions.get_or_init(|| Mentions::new(groups.iter().map(|group| group.unit.as_str()), &candidates));
    for child in 0..groups.len() {
        let said = OnceCell::new();
        let names = |parent| said.get_or_init(|| mentions().of(groups[child].texts())).names(parent);
        let best = candidates
            .iter()
            .copied()
            .filter(|&parent| stems[parent] != stems[child] && !leads_back(&parents, parent, child))
            .filter_map(|parent| Some((reason(plan, groups, causes, parent, child, names)?, parent)))
            .max_by_key(|(reason, parent)| {
                (*reason, groups[*parent].severity(), std::cmp::Reverse(groups[*parent].first))
            });
        parents[child] = best.map(|(reason, parent)| (parent, reason));
    }
    parents
}

/// The groups that may explain others, in order.
fn candidates(groups: &[Group<'_>], causes: &[Vec<Cause>]) -> Vec<usize> {
    let mut all: Vec<usize> = (0..groups.len()).collect();
    if all.len() > MOST {
        let depth = |i: usize| causes[i].first().map_or(u8::MAX, |why| why.class.depth());
        all.sort_by_cached_key(|&i| (std::cmp::Reverse(groups[i].severity()), depth(i), i));
        all.truncate(MOST);
        all.sort_unstable();
    }
    all
}

/// How many groups were not held against the others.
pub(super) fn beyond(groups: usize) -> usize {
    groups.saturating_sub(MOST)
}

fn leads_back(parents: &[Option<(usize, Reason)>], from: usize, to: usize) -> bool {
    let mut at = from;
    while let Some((parent, _)) = parents[at] {
        if parent == to {
            return true;
        }
        at = parent;
    }
    false
}

/// Why `parent` explains `child`, which is of another unit, if it does; `names` says whether a line of the child names a group's unit.
fn reason(
    plan: &Plan,
    groups: &[Group<'_>],
    causes: &[Vec<Cause>],
    parent: usize,
    child: usize,
    names: impl Fn(usize) -> bool,
) -> Option<Reason> {
    let (p, c) = (&groups[parent], &groups[child]);
    let (why_p, why_c) = (causes[parent].first()?, causes[child].first()?);
    let near = c.first >= p.first.minus(BEFORE) && c.first <= p.last.plus(AFTER);
    if !near {
        return None;
    }
    if why_p.told_by.as_deref() == Some(c.unit.as_str()) {
        return Some(Reason::Named);
    }
    let named = names(parent);
    // What it waits for is a unit that failed, not one that only complains.
    let failed = p.findings.iter().any(|f| f.kind == "lifecycle");
    if is_waiting(c) && !is_waiting(p) && failed {
        return Some(if named { Reason::Named } else { Reason::Timing });
    }
    let earlier = (p.first, parent) < (c.first, child);
    let suffers = suffers(plan, c, why_c);
    let deeper = why_p.class.depth() < why_c.class.depth();
    let backwards = suffers_more(plan, p, why_p, c, why_c);
    if named && (suffers || deeper) && !backwards {
        return Some(Reason::Named);
    }
    if host(p) != host(c) || backwards {
        return None;
    }
    if shared(p, why_p, c, why_c) && (earlier || p.unit == "kernel") {
        return Some(Reason::Shared);
    }
    if (suffers || deeper) && leads(plan, why_p, why_c, |to| matches!(to, Selector::Id(_))) {
        return Some(Reason::Rule);
    }
    // Where everything depends on everything, only what says that it waits for another, or what a pack expects, is taken
    // for a consequence; and only if it begins when the other goes down.
    let until = p.resolved().map_or(p.last.plus(SOON), |up| up.plus(BACK));
    let soon = c.first >= p.first.minus(Span::seconds(5)) && c.first <= until;
    let fell = |f: &&Finding| f.severity == Severity::Down || !f.crashes.is_empty() || f.detector == Stop::DETECTOR;
    let went_down = p.findings.iter().any(fell) && !self::suffers(plan, p, why_p);
    let expected = leads(plan, why_p, why_c, |to| matches!(to, Selector::Class(_)));
    let waits = suffers && (went_down || expected);
    let follows =
        expected && deeper && !why_c.class.is_vague() && !matches!(why_c.class, Class::Network | Class::Timeout);
    (soon && (waits || follows)).then_some(Reason::Timing)
}

/// Does the pack of one cause say that it brings about the other?
fn leads(plan: &Plan, from: &Cause, to: &Cause, kind: impl Fn(&Selector) -> bool) -> bool {
    let id = to.signature.map_or("", |s| plan.signature(s).id.as_str());
    from.signature.is_some_and(|s| plan.signature(s).leads_to.iter().any(|t| kind(t) && t.names(id, to.class)))
}

/// It only says that something else does not answer.
fn suffers(plan: &Plan, group: &Group<'_>, cause: &Cause) -> bool {
    is_waiting(group) || cause.signature.is_some_and(|s| plan.signature(s).symptom)
}

/// Both suffer, and the would-be parent began later: then it is the other way round.
fn suffers_more(plan: &Plan, p: &Group<'_>, why_p: &Cause, c: &Group<'_>, why_c: &Cause) -> bool {
    suffers(plan, p, why_p) && (!suffers(plan, c, why_c) || p.first > c.first)
}

/// The manager did not start it because something that it requires failed.
pub(super) fn is_waiting(group: &Group<'_>) -> bool {
    let waits = |f: &&Finding| f.finding == FindingKind::Failure && f.detector == "lifecycle/dependency";
    !group.findings.is_empty() && group.findings.iter().all(waits)
}

/// A full disk, broken hardware or used-up memory of one host is one story, whoever complains.
fn shared(p: &Group<'_>, why_p: &Cause, c: &Group<'_>, why_c: &Cause) -> bool {
    let same = why_p.class == why_c.class && matches!(why_p.class, Class::DiskFull | Class::Hardware);
    let killed = why_p.class == Class::Oom
        && p.unit == "kernel"
        && (why_c.class == Class::Oom
            || c.crash().is_some_and(|f| f.crashes.iter().any(|k| k.how.contains("SIGKILL"))));
    let soon = c.first <= p.last.plus(SOON);
    (same || killed) && soon
}

fn host<'a>(group: &'a Group<'_>) -> &'a str {
    group.findings.first().map_or("", |f| f.host.as_str())
}
