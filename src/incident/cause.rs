//! What a group of findings says about its own cause, as far as the lines of its own unit go.

use std::collections::BTreeMap;

use crate::base::{Class, Severity, Span, unit_kind};
use crate::detect::{Evidence, Finding, Stop, Unfinished};
use crate::scan::{Plan, mask};

use super::diagnosis::Confidence;
use super::group::Group;

/// A possible cause.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// The signature that names it, as index of the plan.
    pub(super) signature: Option<u32>,
    /// The detector that names it, where no signature does.
    pub(super) detector: Option<String>,
    /// The kind of failure.
    pub(super) class: Class,
    /// The line that shows it, or a sentence.
    pub(super) text: String,
    /// Where that line stands.
    pub(super) line: Option<Evidence>,
    /// Why we think so.
    pub(super) why: String,
    /// How sure.
    pub(super) confidence: Confidence,
    /// Another name under which the unit's process writes, where its lines were found there.
    pub(super) told_by: Option<String>,
}

/// The groups whose lines may be those of a unit under another name: no unit of the manager, and no crash of their own.
/// The first [`link::MOST`](super::link::MOST) are looked at.
pub(super) fn unmanaged<'g, 'f>(groups: &'g [Group<'f>]) -> Vec<&'g Group<'f>> {
    groups.iter().filter(|g| unit_kind(&g.unit).is_none() && g.crash().is_none()).take(super::link::MOST).collect()
}

/// The most likely cause, and the others that the group's own lines speak for.
pub(super) fn causes(plan: &Plan, group: &Group<'_>, unmanaged: &[&Group<'_>]) -> Vec<Cause> {
    let mut all = Vec::new();
    if let Some(crash) = group.crash() {
        if crash.crashes.iter().all(|c| c.said.is_none()) {
            all.extend(under_another_name(plan, crash, unmanaged));
        }
        all.extend(from_crashes(plan, crash));
    }
    // That something else does not answer is told last of what says anything.
    let symptom = |c: &Cause| match c.signature {
        Some(signature) => plan.signature(signature).symptom,
        // Many of them are no more than one.
        None => matches!(c.class, Class::Network | Class::Timeout),
    };
    let ranked = |over: bool| {
        let findings = group.findings.iter().filter(|f| is_told_over(f) == over);
        let mut causes: Vec<(Severity, Cause)> =
            findings.filter_map(|f| Some((f.severity, from_finding(plan, group, f)?))).collect();
        // The rows of one document stand beside each other: none was there before the others, so the worst comes first.
        let first = causes.first().and_then(|(_, c)| c.line.as_ref()).map(|line| line.time);
        let beside = causes.iter().all(|(_, c)| c.line.as_ref().is_some_and(|l| is_row(l) && Some(l.time) == first));
        causes.sort_by_key(|(severity, c)| {
            let line = c.line.as_ref().map(|l| l.time);
            let worst = std::cmp::Reverse(*severity);
            let number = c.signature.is_none();
            let ranked = (c.class.is_vague(), symptom(c), c.class.depth(), number, number.then_some(worst), line);
            (beside.then_some(worst), ranked)
        });
        causes.into_iter().map(|(_, cause)| cause).collect()
    };
    add(&mut all, ranked(false));
    // A disk that is full or memory that is gone explains a crash better than what the process said about it.
    let strong = |c: &Cause| c.class.depth() <= Class::ResourceLimit.depth();
    let first = all.first().map(|c| (c.class.is_vague(), c.class.depth()));
    if let Some(first) = first
        && let Some(better) =
            all.iter().position(|c| c.signature.is_some() && (strong(c) || first.0) && c.class.depth() < first.1)
    {
        let better = all.remove(better);
        all.insert(0, better);
    }
    // What is told to be over does not explain what goes on.
    add(&mut all, ranked(true));
    all
}

/// Adds the causes that are not known yet.
fn add(all: &mut Vec<Cause>, causes: Vec<Cause>) {
    for cause in causes {
        if !all.iter().any(|c| c.signature.is_some() && c.signature == cause.signature) {
            all.push(cause);
        }
    }
}

/// A row of a document: a number in a table, not a line that somebody wrote.
fn is_row(line: &Evidence) -> bool {
    line.cursor.starts_with('/')
}

/// A record said that it is over; not only that nothing was heard of it for a while.
fn is_told_over(finding: &Finding) -> bool {
    finding.resolved.is_some_and(|at| at > finding.last_seen)
}

/// Lines of one signature that a program says of one death, at most.
const LINES_EACH: u64 = 8;

/// Text forms name the process (`python3[71]:`), not the unit. A name that nobody manages, whose error comes as often as
/// the unit dies and each time just before it, is the unit's own process.
fn under_another_name(plan: &Plan, crash: &Finding, unmanaged: &[&Group<'_>]) -> Option<Cause> {
    let deaths: Vec<_> = crash.crashes.iter().map(|c| c.time).collect();
    let just_before = |e: &Evidence| {
        deaths.iter().any(|at| *at >= e.time.minus(Span::seconds(1)) && at.since(e.time) <= Span::seconds(2))
    };
    // A program can say the same in several lines each time.
    let lines_each = |f: &Finding| {
        let most = crash.count.saturating_mul(LINES_EACH);
        crash.count > 1 && f.count <= most && f.count.is_multiple_of(crash.count)
    };
    let fits = |f: &Finding| {
        f.kind == "signature"
            && f.host == crash.host
            && (f.count.abs_diff(crash.count) <= 1 || lines_each(f))
            && f.count > 1
            && f.evidence.iter().filter(|e| just_before(e)).count() + 1 >= f.evidence.len().min(crash.crashes.len())
    };
    let fitting = unmanaged.iter().flat_map(|g| g.findings.iter().map(move |f| (g, *f))).filter(|(_, f)| fits(f));
    let (group, finding) = fitting.min_by_key(|(_, f)| (f.class.is_vague(), f.class.depth()))?;
    let mut cause = from_finding(plan, group, finding)?;
    cause.why = format!(
        "{} says so {} times, each time just before one of the {} crashes; the name of its unit is not in this form of the log",
        group.unit, finding.count, crash.count
    );
    cause.confidence = Confidence::Medium;
    cause.told_by = Some(group.unit.clone());
    Some(cause)
}

/// What was said before the crashes: the same thing before most of them is the best sign there is.
fn from_crashes(plan: &Plan, finding: &Finding) -> Vec<Cause> {
    let looked_at = finding.crashes.len();
    let mut said: BTreeMap<(Option<u32>, String), (usize, &Evidence)> = BTreeMap::new();
    for crash in &finding.crashes {
        let (key, line) = match &crash.said {
            Some(said) if said.signature.is_some() => ((said.signature, String::new()), &said.line),
            Some(said) => ((None, mask::shape(&said.line.text)), &said.line),
            None => continue,
        };
        said.entry(key).or_insert((0, line)).0 += 1;
    }
    let mut known: Vec<_> = said.into_iter().collect();
    known.sort_by_key(|((_, _), (times, line))| (std::cmp::Reverse(*times), line.time));
    let all = if finding.count as usize > looked_at {
        format!(" looked at ({} in all)", finding.count)
    } else {
        String::new()
    };
    let noun = if looked_at == 1 { "crash" } else { "crashes" };
    let mut causes: Vec<Cause> = known
        .into_iter()
        .map(|((signature, _), (times, line))| {
            let class = signature.map_or(finding.class, |s| plan.signature(s).class);
            let mostly = times * 5 >= looked_at * 4;
            Cause {
                signature,
                detector: signature.is_none().then(|| finding.detector.clone()),
                class,
                text: line.text.clone(),
                line: Some(line.clone()),
                why: format!(
                    "last error before the exit in {times} of {looked_at} {noun}{all}; first at {}",
                    line.time.clock_tenths()
                ),
                confidence: match (signature.is_some() && !class.is_vague(), mostly) {
                    (true, true) => Confidence::High,
                    (false, true) | (true, false) => Confidence::Medium,
                    (false, false) => Confidence::Low,
                },
                told_by: None,
            }
        })
        .collect();
    if causes.is_empty() {
        causes.push(from_last_lines(finding, looked_at, noun));
    }
    causes
}

/// Nobody said anything that is known to be an error: the line that most crashes have last, or the way it died.
fn from_last_lines(finding: &Finding, looked_at: usize, noun: &str) -> Cause {
    let mut lasts: BTreeMap<String, (usize, &Evidence)> = BTreeMap::new();
    for line in finding.crashes.iter().filter_map(|c| c.last_words.last()) {
        lasts.entry(mask::shape(&line.text)).or_insert((0, line)).0 += 1;
    }
    let how = finding.crashes.first().map_or_else(|| finding.title.clone(), |c| c.how.clone());
    // The kind of death says enough by itself: what the manager measured needs no words of the process.
    let told = matches!(finding.class, Class::Oom | Class::Timeout | Class::DependencyMissing | Class::Permission);
    let common = lasts.into_values().max_by_key(|(times, line)| (*times, std::cmp::Reverse(line.time)));
    match common {
        Some((times, line)) if times * 2 > looked_at && !told => Cause {
            signature: None,
            detector: Some(finding.detector.clone()),
            class: finding.class,
            text: format!("{how}; its last line: {}", line.text),
            line: Some(line.clone()),
            why: format!(
                "last line before the exit in {times} of {looked_at} {noun}; no line that is known as an error"
            ),
            confidence: Confidence::Low,
            told_by: None,
        },
        _ => Cause {
            signature: None,
            detector: Some(finding.detector.clone()),
            class: finding.class,
            text: how,
            line: finding.evidence.first().cloned(),
            why: "the service manager says how it ended; the unit itself said nothing before".to_owned(),
            confidence: if told { Confidence::Medium } else { Confidence::Low },
            told_by: None,
        },
    }
}

fn from_finding(plan: &Plan, group: &Group<'_>, finding: &Finding) -> Option<Cause> {
    if !finding.crashes.is_empty() {
        return None;
    }
    // Of a start that was never finished the latest step says where it stood.
    let unfinished = finding.detector == Unfinished::DETECTOR;
    let line = if unfinished { finding.evidence.last() } else { finding.evidence.first() };
    let signature = plan.find(&finding.detector);
    // What begins when the crashes are nearly over did not cause them.
    let late = group.crash().is_some_and(|c| c.count > 1 && finding.first_seen > c.last_seen.plus(Span::seconds(1)));
    if late {
        return None;
    }
    let times = match finding.count {
        1 => "once".to_owned(),
        n => match finding.last_seen.since(finding.first_seen) {
            // All at one moment: the lines have no times of their own.
            Span::ZERO => format!("{n} times"),
            span => format!("{n} times in {span}"),
        },
    };
    let timeless = finding.count > 1 && finding.last_seen == finding.first_seen;
    let killed = finding.detector == "lifecycle/oom-kill";
    let known = killed || finding.detector == Stop::DETECTOR || (signature.is_some() && !finding.class.is_vague());
    Some(Cause {
        signature,
        detector: signature.is_none().then(|| finding.detector.clone()),
        class: finding.class,
        text: match (line, finding.kind) {
            (Some(line), _) if killed => line.text.clone(),
            (Some(line), _) if unfinished => format!("not in this log; its last step was: {}", line.text),
            (Some(line), "signature" | "count" | "sequence" | "burst") if !is_row(line) => line.text.clone(),
            _ => finding.title.clone(),
        },
        line: line.cloned(),
        why: match finding.detector.as_str() {
            Stop::DETECTOR => format!("the service manager was told to at {}", finding.first_seen.clock_tenths()),
            Unfinished::DETECTOR => "no word after it that it is ready, of an error, or of a stop".to_owned(),
            _ if timeless => format!("seen {times}"),
            _ => format!("seen {times} from {}", finding.first_seen.clock_tenths()),
        },
        confidence: match (known, finding.severity) {
            (true, Severity::Down) => Confidence::High,
            (true, _) => Confidence::Medium,
            _ => Confidence::Low,
        },
        told_by: None,
    })
}
