//! A checklist gone through at once: for each step what was read, what speaks for looking there, and since when it is over.

use std::collections::BTreeMap;

use crate::base::{Class, Severity, Stamp, stem};
use crate::incident::FindingReport;
use crate::report::kinds::{Checklist, ChecklistStep, StepVerdict};
use crate::rules::{ChecklistRule, Reads, Selector, StepRule};
use crate::scan::Plan;

use super::desk::{Collector, Desk, Seen};

/// Characters of a line that is quoted.
const QUOTE: usize = 300;

/// Reads what lies on the desk, and takes each step.
pub fn checklist(desk: &Desk<'_>, rule: &ChecklistRule) -> Checklist {
    let plan = desk.pipeline.plan();
    let mut walk = Walk {
        rule,
        plan,
        hits: BTreeMap::new(),
        steps: vec![Marks::default(); rule.steps.len()],
        at: 0,
        timed: false,
    };
    let read = desk.each(&mut walk);
    let findings = if read.records > 0 { desk.diagnose().findings } else { Vec::new() };
    let steps: Vec<ChecklistStep> =
        rule.steps.iter().zip(&walk.steps).map(|(step, marks)| walk.step(step, marks, &findings)).collect();
    let of =
        |verdict: StepVerdict| u64::try_from(steps.iter().filter(|step| step.verdict == verdict).count()).unwrap_or(0);
    Checklist {
        schema: "logtriage.report.checklist/1",
        runbook: rule.name.clone(),
        title: rule.title.clone(),
        look: of(StepVerdict::LookHere),
        ok: of(StepVerdict::Ok),
        not_read: of(StepVerdict::NotRead),
        steps,
        read,
    }
}

/// All records, once.
struct Walk<'r> {
    rule: &'r ChecklistRule,
    plan: &'r Plan,
    /// By signature.
    hits: BTreeMap<u32, Hits>,
    /// By step.
    steps: Vec<Marks>,
    /// How many records came before: the order where nobody has a time.
    at: u64,
    /// Some record has a time.
    timed: bool,
}

/// What is known of a step besides signatures.
#[derive(Clone, Debug, Default)]
struct Marks {
    /// Something that it needs was read.
    read: bool,
    /// Records that by themselves say: look here.
    look: Hits,
}

/// Records of one kind.
#[derive(Clone, Debug, Default)]
struct Hits {
    count: u64,
    first: Option<(Option<Stamp>, String)>,
    /// The last one, in the order of time, then of reading.
    last: (Option<Stamp>, u64),
}

impl Hits {
    fn add(&mut self, time: Option<Stamp>, at: u64, quote: impl FnOnce() -> String) {
        self.count += 1;
        self.last = self.last.max((time, at));
        if self.first.is_none() {
            self.first = Some((time, quote()));
        }
    }
}

impl Collector for Walk<'_> {
    fn see(&mut self, seen: &Seen<'_>) -> bool {
        self.at += 1;
        self.timed |= seen.time.is_some();
        let at = self.at;
        let mut used = false;
        if let Some(event) = seen.event {
            for hit in &event.hits {
                self.hits.entry(*hit).or_default().add(seen.time, at, || quote(&event.unit, &event.text));
                used = true;
            }
        }
        for (step, marks) in self.rule.steps.iter().zip(&mut self.steps) {
            if !marks.read && step.reads.iter().any(|reads| is(reads, seen)) {
                marks.read = true;
                used = true;
            }
            if step.look_at.iter().any(|reads| is(reads, seen)) {
                let text = || quote(&seen.record.unit, &String::from_utf8_lossy(seen.record.message));
                marks.look.add(seen.time, at, text);
                used = true;
            }
        }
        used
    }
}

/// Is this record one of those? Rules are asked later, once for all their records.
fn is(reads: &Reads, seen: &Seen<'_>) -> bool {
    match reads {
        Reads::Unit(glob) => glob.matches(&seen.record.unit) || glob.matches(stem(&seen.record.unit)),
        Reads::File(glob) => {
            seen.source.file_name().and_then(|name| name.to_str()).is_some_and(|name| glob.matches(name))
        }
        Reads::Row(glob) => field(seen, "@row").is_some_and(|name| glob.matches(&name)),
        Reads::Field(name, glob) => field(seen, name).is_some_and(|value| glob.matches(&value)),
        Reads::Rule(_) => false,
    }
}

fn field(seen: &Seen<'_>, name: &str) -> Option<String> {
    seen.row.as_ref()?.text(&[name])
}

fn quote(unit: &str, text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    format!("{unit}: {}", line.chars().take(QUOTE).collect::<String>())
}

impl Walk<'_> {
    fn step(&self, step: &StepRule, marks: &Marks, findings: &[FindingReport]) -> ChecklistStep {
        let look = self.hits_of(&step.look, true);
        let well = self.hits_of(&step.well, false);
        let said: Vec<&FindingReport> = findings
            .iter()
            .filter(|finding| finding.state == "open" && is_detector(self.plan, &step.look, finding))
            .collect();
        let mut all: Vec<&Hits> = look;
        if marks.look.count > 0 {
            all.push(&marks.look);
        }
        let last = |hits: &[&Hits]| hits.iter().map(|hits| hits.last).max();
        let over = !well.is_empty() && last(&well) > last(&all) && said.is_empty();
        // The events of a detector are often records of a rule that is asked, too: none counts twice.
        let records = all.iter().map(|hits| hits.count).sum::<u64>();
        let count = records.max(said.iter().map(|finding| finding.count).sum());
        let by_rule = step.reads.iter().any(|reads| match reads {
            Reads::Rule(selector) => !self.hits_of(std::slice::from_ref(selector), false).is_empty(),
            _ => false,
        });
        let verdict = match () {
            () if count > 0 && !over => StepVerdict::LookHere,
            () if count > 0 || marks.read || by_rule || !well.is_empty() => StepVerdict::Ok,
            () => StepVerdict::NotRead,
        };
        let first = all.iter().filter_map(|hits| hits.first.as_ref()).min_by_key(|(time, _)| (time.is_none(), *time));
        let told = |(time, text): &(Option<Stamp>, String)| match time {
            Some(time) => format!("{} {text}", time.rfc3339()),
            None => text.clone(),
        };
        // Where no record has a time, the moment of reading stands in: that is no evidence.
        let finding = said.first().map(|finding| match self.timed {
            true => format!("{} {}: {}", finding.first_seen.rfc3339(), finding.unit, finding.title),
            false => format!("{}: {}", finding.unit, finding.title),
        });
        let evidence =
            finding.or_else(|| first.map(told)).map(|text| if over { format!("over again: {text}") } else { text });
        ChecklistStep {
            n: step.n,
            when: step.when.clone(),
            title: step.title.clone(),
            verdict,
            evidence,
            count,
            needs: step.needs.clone(),
            command: step.command.clone(),
        }
    }

    /// Records of these signatures. With `failures`, a pattern or a class names failures only: rows that are merely counted
    /// have names like those that alarm.
    fn hits_of(&self, selectors: &[Selector], failures: bool) -> Vec<&Hits> {
        let named = |hit: &u32| {
            let signature = self.plan.signature(*hit);
            let failure = signature.severity >= Severity::Degraded && signature.class != Class::Noise;
            let by = |selector: &Selector| selector.names(&signature.id, signature.class);
            selectors.iter().any(|selector| by(selector) && (failure || !failures || selector.id().is_some()))
        };
        self.hits.iter().filter(|(hit, _)| named(hit)).map(|(_, hits)| hits).collect()
    }
}

/// Does a detector or a judge say it, and not only the signatures, which are counted already?
fn is_detector(plan: &Plan, look: &[Selector], finding: &FindingReport) -> bool {
    let named = |selector: &&Selector| match selector {
        Selector::Id(glob) => glob.matches(&finding.detector),
        Selector::Class(_) | Selector::Unclassified => false,
    };
    let signature = || plan.find(&finding.detector).is_some();
    look.iter().any(|selector| named(&selector)) && !signature()
}
