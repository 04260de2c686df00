//! One line or one result in, one class out.
//!
//! In: raw records, and what to sort them by: the signatures of packs, a table of classes, or first the one and then the
//! other. Out: a [`Label`] for each, with what it was known by. A labeler keeps nothing between records, so neither order
//! nor threads change a label; its buffers are used again, so a line that nobody knows costs no allocation here.

use std::ops::Range;

use crate::base::{Class, Severity};
use crate::record::{self, Format, Outcome, Part, Record, Reference, Scratch};

use super::classes::{Answer, By, Case, ClassPlan, Hit};
use super::classify::{Classifier, is_calm, is_error};
use super::event::Capture;
use super::plan::Plan;

/// Lines of a result that signatures look at.
const LINES: usize = 2_000;
/// Bytes of a text that are kept, and of the words by which a class is known.
const TEXT_BYTES: usize = 8 << 10;
const WORDS_BYTES: usize = 120;

/// What a run sorts by. Immutable and shared by all threads.
pub struct Sorter {
    /// Signatures, asked first.
    pub plan: Option<Plan>,
    /// The table.
    pub classes: ClassPlan,
    /// The table for results that name an error code, where no other table was asked for.
    pub codes: Option<ClassPlan>,
    /// As the original program does it.
    pub exact: bool,
    /// Every signature looks at every record: the slow way, for tests.
    pub naive: bool,
}

impl Sorter {
    /// The table that a label comes from.
    pub fn table(&self, label: &Label) -> &ClassPlan {
        self.codes.as_ref().filter(|_| label.by_code).unwrap_or(&self.classes)
    }
}

/// The class of one line or result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The class.
    pub class: Class,
    /// How bad; `info` for what is no failure.
    pub severity: Severity,
    /// The signature that knows it.
    pub signature: Option<u32>,
    /// The rule of the table that fits.
    pub rule: Option<usize>,
    /// The table is that of the error codes.
    pub by_code: bool,
    /// The words by which it is known, as they stand in the text; empty when it is something else.
    pub words: String,
    /// Where the words stand, or by what else it is known. Empty: nothing knows it.
    pub place: String,
    /// What to know about it.
    pub notes: Vec<String>,
    /// The question that waits for an answer.
    pub question: Option<String>,
    /// The rule that the original program takes, where it is another one.
    pub original: Option<usize>,
    /// The rule that the original program tests apart from its classes, where it fits.
    pub apart: Option<usize>,
    /// The error code that the result names.
    pub code: Option<String>,
    /// The line that a person would quote.
    pub text: String,
    /// What the signatures captured of it.
    pub captures: Vec<Capture>,
}

impl Label {
    const NEW: Label = Label {
        class: Class::Unknown,
        severity: Severity::Info,
        signature: None,
        rule: None,
        by_code: false,
        words: String::new(),
        place: String::new(),
        notes: Vec::new(),
        question: None,
        original: None,
        apart: None,
        code: None,
        text: String::new(),
        captures: Vec::new(),
    };

    fn reset(&mut self) {
        let (mut words, mut place, mut text) =
            (std::mem::take(&mut self.words), std::mem::take(&mut self.place), std::mem::take(&mut self.text));
        words.clear();
        place.clear();
        text.clear();
        *self = Label { words, place, text, ..Label::NEW };
    }

    /// Somebody should look at it.
    pub fn is_failure(&self) -> bool {
        self.severity > Severity::Healthy
    }
}

/// Sorts records one after the other; one for each thread.
pub struct Labeler<'s> {
    sorter: &'s Sorter,
    classifier: Option<Classifier<'s>>,
    outcome: Outcome,
    scratch: Scratch,
    label: Label,
    joined: Vec<u8>,
}

impl<'s> Labeler<'s> {
    /// A labeler of this sorter.
    pub fn new(sorter: &'s Sorter) -> Labeler<'s> {
        let classifier = |plan| if sorter.naive { Classifier::naive(plan) } else { Classifier::new(plan) };
        Labeler {
            sorter,
            classifier: sorter.plan.as_ref().map(classifier),
            outcome: Outcome::default(),
            scratch: Scratch::default(),
            label: Label::NEW,
            joined: Vec::new(),
        }
    }

    /// The label of one raw record: of a form, or, where no form was named, of a result in JSON or a line. `None`: it is no
    /// record of the form (a blank line).
    pub fn label(&mut self, raw: &[u8], format: Option<Format>, reference: &Reference) -> Option<&Label> {
        self.label.reset();
        if format.is_none() && raw.first() == Some(&b'{') && self.outcome.read(raw) {
            let outcome = std::mem::take(&mut self.outcome);
            self.result(&outcome, reference);
            self.outcome = outcome;
            return Some(&self.label);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        // Both read what does not have their shape as the general forms do.
        let any = if raw.first() == Some(&b'{') { Format::JournalJson } else { Format::Syslog3164 };
        let done = match format.unwrap_or(any).parse(raw, reference, &mut scratch) {
            Some(record) => {
                self.record(&record, raw);
                true
            }
            None if format.is_none() => {
                // Blank, or what journalctl prints between records: a line all the same.
                clip_into(raw.trim_ascii(), TEXT_BYTES, &mut self.label.text);
                true
            }
            None => false,
        };
        self.scratch = scratch;
        done.then_some(&self.label)
    }

    /// The label of a record of which only the beginning is here: what nobody knows by it may be anything.
    pub fn label_beginning(&mut self, raw: &[u8], format: Option<Format>, reference: &Reference) -> Option<&Label> {
        const TOO_LONG: &str = "too long to be read whole: only its beginning was looked at";
        self.label(raw, format, reference)?;
        let label = &mut self.label;
        if label.class == Class::Unknown && label.signature.is_none() {
            label.severity = label.severity.max(Severity::Degraded);
        }
        match label.place.is_empty() {
            true => label.place.push_str(TOO_LONG),
            false => label.notes.push(TOO_LONG.to_owned()),
        }
        Some(label)
    }

    fn record(&mut self, record: &Record<'_>, raw: &[u8]) {
        let mut joined = std::mem::take(&mut self.joined);
        let text: &[u8] = if record.detail.is_empty() {
            record.message
        } else {
            joined.clear();
            joined.extend_from_slice(record.message);
            joined.push(b'\n');
            joined.extend_from_slice(record.detail);
            &joined
        };
        clip_into(record::headline(record.message), TEXT_BYTES, &mut self.label.text);
        let calm = is_calm(record);
        if !self.by_signature(record, text, calm) {
            // The original program takes the line as it is.
            let text = if self.sorter.exact { raw.trim_ascii_end() } else { text };
            let answer = self.sorter.classes.ask(Case::Line(text));
            let alarming = is_error(record);
            self.by_table(&self.sorter.classes, Case::Line(text), &answer, calm, alarming);
        }
        self.joined = joined;
    }

    /// Takes the signature that says most about the record, if one matches.
    fn by_signature(&mut self, record: &Record<'_>, text: &[u8], calm: bool) -> bool {
        let (Some(plan), Some(classifier)) = (&self.sorter.plan, &mut self.classifier) else { return false };
        let (hits, captures) = classifier.ranked(record);
        let Some(index) = best(plan, &hits) else { return false };
        self.label.captures = captures;
        self.take_signature(plan, index, text, calm, None);
        true
    }

    fn take_signature(&mut self, plan: &Plan, index: u32, text: &[u8], calm: bool, part: Option<Part>) {
        let signature = plan.signature(index);
        let label = &mut self.label;
        label.class = signature.class;
        label.signature = Some(index);
        let silenced = calm && signature.severity < Severity::Down && !signature.any_level;
        label.severity = if silenced { Severity::Info } else { signature.severity };
        match plan.verifier(index).words(signature, text) {
            Some(range) => self.take_words(text, range, part),
            None => label.place.push_str("the signature's own fields"),
        }
    }

    fn take_words(&mut self, text: &[u8], range: Range<usize>, part: Option<Part>) {
        let label = &mut self.label;
        clip_into(text.get(range.clone()).unwrap_or_default(), WORDS_BYTES, &mut label.words);
        label.place.push_str("in ");
        label.place.push_str(part.map_or("the line", Part::word));
        label.place.push_str(", byte ");
        label.place.push_str(&range.start.to_string());
        if part.is_some() || !label.text.contains(label.words.as_str()) {
            label.text.clear();
            clip_into(line_around(text, &range), TEXT_BYTES, &mut label.text);
        }
    }

    fn result(&mut self, outcome: &Outcome, reference: &Reference) {
        let case = Case::Outcome(outcome);
        let answer = self.sorter.classes.ask(case);
        let first = outcome.parts().find(|(_, text)| !text.trim_ascii().is_empty());
        clip_into(first.map_or(&b""[..], |(_, text)| record::headline(text)), TEXT_BYTES, &mut self.label.text);
        // What the result says of itself, and a question, come before any words.
        let certain = answer.better.as_ref().is_some_and(|hit| match &hit.by {
            By::Fact(_) | By::Name => true,
            By::Words(_, _, question) => question.is_some(),
        });
        let codes = self.sorter.codes.as_ref().filter(|_| !certain && outcome.code().is_some());
        let named = codes.map(|codes| (codes, codes.ask(case))).filter(|(_, answer)| names_code(answer));
        if let Some((codes, answer)) = named {
            self.label.by_code = true;
            self.by_table(codes, case, &answer, false, true);
        } else if certain || !self.lines(outcome, reference) {
            self.by_table(&self.sorter.classes, case, &answer, false, !outcome.worked());
        }
        if self.label.code.is_none()
            && let Some(code) = outcome.code()
        {
            self.label.code = Some(clip(code, WORDS_BYTES));
        }
        if outcome.worked() && self.label.class == Class::QuotaExhausted {
            self.label.notes.push("it says that it worked: a false success".to_owned());
        }
    }

    /// The signature that says most about any line of what the result says of its errors; of all its texts, when it failed
    /// and they say nothing.
    fn lines(&mut self, outcome: &Outcome, reference: &Reference) -> bool {
        let (Some(plan), Some(mut classifier)) = (&self.sorter.plan, self.classifier.take()) else { return false };
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut found: Option<(u32, Part, Vec<u8>)> = None;
        for errors in [true, false] {
            if found.is_some() || (!errors && outcome.worked()) {
                break;
            }
            let parts = outcome.parts().filter(|(part, _)| part.is_error() == errors);
            let lines = parts.flat_map(|(part, text)| text.split(|b| *b == b'\n').map(move |line| (part, line)));
            for (part, line) in lines.take(LINES) {
                let Some(record) = Format::Text.parse(line, reference, &mut scratch) else { continue };
                let (hits, captures) = classifier.ranked(&record);
                let Some(index) = best(plan, &hits) else { continue };
                let mut both: Vec<u32> = found.iter().map(|(known, ..)| *known).chain([index]).collect();
                plan.rank(&mut both);
                if both.first() == Some(&index) && found.as_ref().is_none_or(|(known, ..)| *known != index) {
                    found = Some((index, part, record.message.to_vec()));
                    self.label.captures = captures;
                }
            }
        }
        self.scratch = scratch;
        self.classifier = Some(classifier);
        let Some((index, part, text)) = found else { return false };
        self.take_signature(plan, index, &text, outcome.worked(), Some(part));
        true
    }

    /// Takes what the table says. `alarming`: something failed, whatever the table knows about it.
    fn by_table(&mut self, classes: &ClassPlan, case: Case<'_>, answer: &Answer, calm: bool, alarming: bool) {
        let exact = self.sorter.exact;
        let hit = if exact { &answer.exact } else { &answer.better };
        // Without a table that was asked for, a line that nobody knows is left alone.
        let asked = self.sorter.plan.is_none();
        let told = hit.as_ref().map(|hit| hit.rule).or(classes.table().otherwise().filter(|_| asked || alarming));
        if exact {
            self.label.apart = answer.apart.as_ref().map(|hit| hit.rule);
        }
        let Some((index, rule)) = told.and_then(|index| Some((index, classes.rule(index)?))) else { return };
        self.label.rule = Some(index);
        self.label.class = rule.class;
        let original = answer.exact.as_ref().map(|hit| hit.rule).or(classes.table().otherwise());
        if (hit.is_some() || asked) && !self.label.by_code {
            self.label.original = original.filter(|original| *original != index);
        }
        let worked = matches!(case, Case::Outcome(outcome) if outcome.worked());
        let certain = rule.everywhere || matches!(hit, Some(Hit { by: By::Fact(_) | By::Name, .. }));
        let harmless = calm || (worked && !certain) || (hit.is_none() && !alarming);
        self.label.severity = if harmless { Severity::Info } else { rule.severity };
        if classes.table().codes {
            self.label.code = Some(rule.id.clone());
        }
        match hit.as_ref().map(|hit| &hit.by) {
            Some(By::Words(number, range, question)) => {
                if let Some((part, text)) = case.parts().nth(*number) {
                    self.take_words(text, range.clone(), part);
                    let question = question.clone().and_then(|range| text.get(range));
                    self.label.question = question.map(|text| clip(text.trim_ascii(), TEXT_BYTES));
                }
            }
            Some(By::Fact(fact)) => self.label.place.push_str(fact.word()),
            Some(By::Name) => self.label.place.push_str("the result names it"),
            None => self.label.place.push_str("none of its words is there"),
        }
        let note =
            rule.note.iter().chain(rule.provider.iter().filter(|(name, _)| provider(case, name)).map(|(_, n)| n));
        self.label.notes.extend(note.cloned());
    }
}

/// The result names a code of the table.
fn names_code(answer: &Answer) -> bool {
    answer.better.as_ref().is_some_and(|hit| hit.by == By::Name)
}

/// The signature that is told of those that match, best first: one of noise knew the line, and only what says that
/// something is down is told in spite of it.
fn best(plan: &Plan, hits: &[u32]) -> Option<u32> {
    let noise = hits.iter().copied().find(|&hit| plan.signature(hit).hides());
    let down = || hits.iter().copied().find(|&hit| plan.signature(hit).severity == Severity::Down);
    match noise {
        Some(noise) => Some(down().unwrap_or(noise)),
        None => hits.first().copied(),
    }
}

/// Is this the provider that the result names, or that the line names as its `provider`?
fn provider(case: Case<'_>, name: &str) -> bool {
    match case {
        Case::Outcome(outcome) => outcome.provider().is_some_and(|p| p.eq_ignore_ascii_case(name.as_bytes())),
        Case::Line(line) => memchr::memmem::find_iter(line, "provider").any(|at| {
            let rest = line.get(at + "provider".len()..).unwrap_or_default();
            let skip = rest.iter().take(6).take_while(|b| b" \t:='\"".contains(b)).count();
            let rest = rest.get(skip..).unwrap_or_default();
            rest.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
                && rest.get(name.len()).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'-' && *b != b'_')
        }),
    }
}

/// The line in which the range begins, or what of it is near.
fn line_around<'t>(text: &'t [u8], range: &Range<usize>) -> &'t [u8] {
    let before = text.get(..range.start).unwrap_or_default();
    let from = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1).max(range.start.saturating_sub(TEXT_BYTES / 4));
    let rest = text.get(from..).unwrap_or_default();
    let after = range.start - from;
    let to = rest.get(after..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(rest.len(), |at| after + at);
    rest.get(..to).unwrap_or_default().trim_ascii()
}

fn clip(bytes: &[u8], most: usize) -> String {
    let mut text = String::new();
    clip_into(bytes, most, &mut text);
    text
}

/// Appends at most `most` bytes of `bytes` as text, cut between characters.
fn clip_into(bytes: &[u8], most: usize, into: &mut String) {
    let short = bytes.get(..most).unwrap_or(bytes);
    for chunk in short.utf8_chunks() {
        into.push_str(chunk.valid());
        // A character that was cut in two at the end is left out.
        let cut = chunk.invalid().len() < 4
            && bytes.len() > most
            && chunk.invalid().as_ptr_range().end == short.as_ptr_range().end;
        if !chunk.invalid().is_empty() && !cut {
            into.push(char::REPLACEMENT_CHARACTER);
        }
    }
    if bytes.len() > most {
        into.push('…');
    }
}
