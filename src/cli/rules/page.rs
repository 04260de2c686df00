//! Text for `rules explain`: one page about a rule, or a list of rules.
//!
//! In: a [`Sheet`] or a [`List`]. Out: lines; prose is wrapped, what is to be copied is not. Packs come from anywhere, so
//! nothing that moves a terminal comes through.

use std::io::{self, Write};

use crate::report::{visible, wrap};

use super::super::terminal;
use super::sheet::{Before, List, Named, Sheet, Threshold};

/// Columns of the names in front of the texts.
const NAME: usize = 15;
/// Lines of prose that nobody reads on to the end.
const LIMIT: usize = 40;
/// Rules named under one heading.
const MANY: usize = 12;
/// Rules named for one selector.
const NAMED: usize = 6;

pub(super) struct Page<'o> {
    out: &'o mut dyn Write,
    width: usize,
}

impl<'o> Page<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Page<'o> {
        Page { out, width: terminal::width() }
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", visible(text))
    }

    /// A heading, with room above it.
    pub(super) fn head(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(text)
    }

    /// Prose.
    pub(super) fn row(&mut self, name: &str, text: &str) -> io::Result<()> {
        // At least a space, whatever the name.
        let name = format!("  {name:<NAME$} ");
        let room = self.width.saturating_sub(name.chars().count()).max(20);
        let mut lead = name;
        for line in wrap(text, room, room, LIMIT) {
            self.line(&format!("{lead}{line}"))?;
            lead = " ".repeat(NAME + 3);
        }
        Ok(())
    }

    /// Something to copy, or to compare letter by letter.
    pub(super) fn raw(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.line(&format!("  {name:<NAME$} {}", text.replace('\n', "\\n")))
    }

    fn rules(&mut self, head: &str, rules: &[Named]) -> io::Result<()> {
        if rules.is_empty() {
            return Ok(());
        }
        self.head(head)?;
        for rule in rules.iter().take(MANY) {
            match &rule.title {
                Some(title) => self.line(&format!("  {}: {title}", rule.id))?,
                None => {
                    let shown: Vec<&str> = rule.rules.iter().take(NAMED).map(String::as_str).collect();
                    let more = match rule.rules.len().saturating_sub(NAMED) {
                        0 => String::new(),
                        n => format!(" and {n} more"),
                    };
                    let list = if shown.is_empty() { "no rule so far".to_owned() } else { shown.join(", ") };
                    self.row(&rule.id, &format!("{list}{more}"))?;
                }
            }
        }
        match rules.len().saturating_sub(MANY) {
            0 => Ok(()),
            n => self.line(&format!("  and {n} more: -o json")),
        }
    }
}

pub(super) fn sheet(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    page.line(&format!("{}  {}", sheet.id, sheet.title))?;
    let mut facts = vec![sheet.kind.to_owned()];
    facts.extend(sheet.class.map(|class| format!("class {class}")));
    facts.extend(sheet.severity.map(|severity| format!("severity {severity}")));
    facts.extend((!sheet.findings.is_empty()).then(|| format!("finds {}", sheet.findings.join(", "))));
    match &sheet.pack {
        Some(pack) if pack.built_in => facts.push(format!("built-in pack {} {}", pack.name, pack.version)),
        Some(pack) => facts.push(format!("pack {} {} ({})", pack.name, pack.version, pack.file)),
        None => facts.push("built in, the same everywhere".to_owned()),
    }
    for line in wrap(&facts.join(", "), page.width, page.width, LIMIT) {
        page.line(&line)?;
    }
    if !sheet.enabled {
        page.line("switched off by the configuration: enabled = false")?;
    }
    page.head("Looks for")?;
    for condition in &sheet.looks_for {
        for text in &condition.texts {
            if sheet.kind == "judge" { page.row(&condition.name, text)? } else { page.raw(&condition.name, text)? }
        }
    }
    page.head("Numbers in force")?;
    for number in &sheet.thresholds {
        match (&number.note, sheet.kind) {
            (note, "judge") => page.row(&number.value, note.as_deref().unwrap_or_default())?,
            // Both numbers, for one reason.
            (Some(_), _) if number.key == "within" => {}
            (Some(note), _) => page.row("count", note)?,
            (None, _) => page.row(number.key, &in_force(number))?,
        }
    }
    if let Some(cause) = &sheet.cause {
        page.head("Why")?;
        page.row("", cause)?;
    }
    if !sheet.fixes.is_empty() {
        page.head("Do")?;
    }
    for (n, fix) in (1..).zip(&sheet.fixes) {
        page.row(&n.to_string(), &fix.text)?;
        if let Some(when) = &fix.when {
            page.row("when", when)?;
        }
        for (name, command) in [("run", &fix.run), ("verify", &fix.verify)] {
            if let Some(command) = command {
                page.raw(name, command)?;
            }
        }
    }
    if let Some(advice) = &sheet.if_recurring {
        page.row("if it recurs", advice)?;
    }
    let within = sheet.thresholds.iter().find(|number| number.key == "within").map_or("", |number| &number.value);
    let unless = match sheet.class {
        Some("noise") => "Noise, unless one of these comes with it".to_owned(),
        _ => format!("Not told when one of these came before it, within {within}"),
    };
    for (head, rules) in [
        ("Leads to", &sheet.leads_to),
        ("Led to by", &sheet.led_to_by),
        ("Clears", &sheet.clears),
        ("Cleared by", &sheet.cleared_by),
        (unless.as_str(), &sheet.unless),
        ("Looked at by", &sheet.used_by),
        ("Looks at", &sheet.uses),
    ] {
        page.rules(head, rules)?;
    }
    let (matches, does_not) = match sheet.kind {
        "signature" => ("Matches", "Does not match"),
        _ => ("Speaks in the case", "Is silent in the case"),
    };
    for (head, samples) in [(matches, &sheet.samples), (does_not, &sheet.counter_samples)] {
        if !samples.is_empty() {
            page.head(head)?;
        }
        for sample in samples {
            page.line(&format!("  {}", sample.replace('\n', "\\n")))?;
        }
    }
    Ok(())
}

/// `3 (nats.toml:34)`, `5 (site.toml:3; without it 3, nats.toml:34)`, `1 (the default)`.
fn in_force(number: &Threshold) -> String {
    let Threshold { value, file, line, before, .. } = number;
    let place = |file: &Option<String>, line: &Option<usize>| match (file, line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => "the default".to_owned(),
    };
    let mut text = format!("{value} ({}", place(file, line));
    if let Some(Before { value, file, line }) = before {
        text.push_str(&format!("; without it {value}, {}", place(file, line)));
    }
    text.push(')');
    text
}

pub(super) fn list(list: &List, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    if let Some(meaning) = list.meaning {
        page.line(&format!("{}  {meaning}", list.id))?;
    }
    for rule in &list.rules {
        let of = rule.class.unwrap_or(rule.kind);
        page.line(&format!("{:<32} {:<18} {:<9} {}", rule.id, of, rule.severity.unwrap_or("-"), rule.title))?;
    }
    let noun = if list.rules.len() == 1 { "rule" } else { "rules" };
    page.line(&format!("{} {noun}", list.rules.len()))
}
