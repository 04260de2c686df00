//! `logtriage rules new`: a pack to begin with.
//!
//! In: a name, and perhaps a log. Out: the text of a pack that `rules check` finds right: an example, or a signature for
//! each of the most frequent errors that no rule knows. What only a person can say is marked with TODO. Secrets in lines
//! of the log are masked. A file that is there is never overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::base::{Error, Level};
use crate::record::{Record, headline};
use crate::report::prepare_text;
use crate::rules;
use crate::run::Pipeline;
use crate::scan::{self, Event, Plan, mask};

use super::super::exit::{DONE, Exit, Failure};
use super::super::settings::Settings;
use super::super::terminal::say;
use super::check::TODO;
use super::test::Log;

/// Signatures written, at most.
const MOST: usize = 20;
/// Templates counted; errors of further ones are left out.
const TEMPLATES: usize = 5_000;
/// Sample lines of one signature.
const SAMPLES: usize = 3;
/// A piece of a message that never changes says something from this length on, in bytes.
const PIECE: usize = 4;
/// Together they must be so long.
const PIECES: usize = 10;

pub(super) fn run(
    settings: Settings,
    name: &str,
    from: Option<&Path>,
    file: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Exit, Failure> {
    refuse(name)?;
    let (text, exit) = match from {
        None => (Some(format!("{}{}", head(name, None), example())), DONE),
        Some(log) => drafted(settings, name, log)?,
    };
    // The log could not be read, and that was told.
    let Some(text) = text else { return Ok(exit) };
    let Some(file) = file else {
        out.write_all(text.as_bytes())?;
        return Ok(exit);
    };
    let made = OpenOptions::new().write(true).create_new(true).open(file);
    match made.and_then(|mut made| made.write_all(text.as_bytes())) {
        Ok(()) => Ok(exit),
        Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {
            let error = Error::at(file, "there is such a file already, and it is not overwritten");
            Err(Failure::Usage(error.help("name another file with --out, or write to standard output")))
        }
        Err(err) => Err(Failure::Output(io::Error::new(err.kind(), format!("{}: {err}", file.display())))),
    }
}

/// A name must be right before anything is read: it is the first thing that the pack says.
fn refuse(name: &str) -> Result<(), Failure> {
    let pack = format!("{}{}", head(name, None), example());
    if let Err(problems) = rules::parse("the new pack", &pack) {
        let why = problems.into_iter().next().map_or(String::new(), |p| format!(": {}", p.help.unwrap_or(p.what)));
        return Err(Failure::Usage(Error::new(format!("'{name}' cannot be the name of a pack{why}"))));
    }
    if rules::builtin().iter().any(|(file, _)| file.strip_suffix(".toml") == Some(name)) {
        let error = Error::new(format!("'{name}' is the name of a built-in pack, which yours would replace"));
        return Err(Failure::Usage(error.help(format!("such as '{name}-site'"))));
    }
    Ok(())
}

fn head(name: &str, log: Option<&str>) -> String {
    let mut text = String::from("# docs/packs.md is the language. Whatever says TODO is for you to write.\n");
    if let Some(log) = log {
        let _ = writeln!(text, "# Begun from {log}. Secrets are masked; take out names of hosts and people yourself.");
    }
    let _ = write!(text, "\n[pack]\nname = {}\ntitle = {}\nversion = 1\n", quoted(name), quoted(name));
    text
}

fn example() -> String {
    draft(&Draft {
        id: "cannot-connect".to_owned(),
        title: "TODO: one short line for people".to_owned(),
        pieces: vec!["TODO: words of the message that never change".to_owned()],
        samples: vec!["app: TODO: words of the message that never change, and then 42".to_owned()],
        note: String::new(),
    })
}

/// A signature to be.
struct Draft {
    id: String,
    title: String,
    pieces: Vec<String>,
    samples: Vec<String>,
    note: String,
}

fn draft(draft: &Draft) -> String {
    let key = if draft.pieces.len() == 1 { "any" } else { "all" };
    let list = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    let samples: String = draft.samples.iter().map(|sample| format!("  {},\n", quoted(sample))).collect();
    format!(
        "\n{}[[signature]]\nid = {}\ntitle = {}\n\
         # What kind of failure: 'unknown' says nothing yet.\nclass = \"unknown\"\n\
         # 'down' only when the unit cannot work; 'info' for what is only counted.\nseverity = \"degraded\"\n\
         {key} = [{}]\n\
         cause = \"{TODO}: why this happens, in one sentence.\"\n\
         fix = [{{ text = \"{TODO}: what to do\", run = \"journalctl -u {{unit}} -n 50 --no-pager\" }}]\n\
         sample = [\n{samples}]\nnot = [\"{TODO}: a line that looks alike and must not match\"]\n",
        draft.note,
        quoted(&draft.id),
        quoted(&draft.title),
        list(&draft.pieces),
    )
}

/// Errors that no signature was written for, and why.
#[derive(Default)]
struct LeftOut {
    /// Nothing is left when secrets and control characters are taken out.
    empty: (u64, u64),
    /// More templates than are counted; how many, nobody knows.
    beyond: u64,
    /// Too little of them never changes.
    wordless: (u64, u64),
    /// The draft does not match its own samples: binary, or of several lines.
    wrong: (u64, u64),
    /// Less frequent than those that were written.
    rare: (u64, u64),
}

impl LeftOut {
    fn tell(&self) -> bool {
        let count = |n: u64, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let less = format!("there are {MOST} more frequent ones");
        for ((errors, templates), why) in [
            (self.wordless, "too few of the words never change to know the error by them"),
            (self.wrong, "a signature made of the words does not match the lines (binary, or of several lines)"),
            (self.empty, "the line has no text"),
            (self.rare, less.as_str()),
        ] {
            if errors > 0 {
                let (errors, of) = (count(errors, "error"), count(templates, "template"));
                say(format_args!("logtriage: left out: {errors} of {of}: {why}"));
            }
        }
        if self.beyond > 0 {
            let errors = count(self.beyond, "error");
            say(format_args!("logtriage: left out: {errors}: no more than {TEMPLATES} templates are counted"));
        }
        self.beyond > 0 || [self.wordless, self.wrong, self.empty, self.rare].iter().any(|(errors, _)| *errors > 0)
    }
}

fn add(to: &mut (u64, u64), errors: u64) {
    *to = (to.0 + errors, to.1 + 1);
}

/// What is known of one template.
struct Stranger {
    count: u64,
    message: Vec<u8>,
    samples: Vec<String>,
}

fn drafted(settings: Settings, name: &str, log: &Path) -> Result<(Option<String>, Exit), Failure> {
    let pipeline = Pipeline::builder()
        .packs(settings.loaded.packs)
        .documents(settings.loaded.formats)
        .build()
        .map_err(Failure::Usage)?;
    let read = Log::of(&[log.to_owned()])?;
    let mut strangers: BTreeMap<String, Stranger> = BTreeMap::new();
    let mut left = LeftOut::default();
    let exit = read.each(&pipeline, &mut |record, event| note(&mut strangers, &mut left, record, event));
    let mut frequent: Vec<(String, Stranger)> = strangers.into_iter().collect();
    frequent.sort_by(|(a, x), (b, y)| y.count.cmp(&x.count).then_with(|| a.cmp(b)));
    let shown = prepare_text(&log.display().to_string(), true);
    let mut text = head(name, Some(if shown == "-" { "standard input" } else { &shown }));
    let mut ids = BTreeSet::new();
    for (template, stranger) in frequent {
        if ids.len() == MOST {
            add(&mut left.rare, stranger.count);
            continue;
        }
        let Some(draft) = signature(&template, &stranger, &ids) else {
            add(&mut left.wordless, stranger.count);
            continue;
        };
        let written = self::draft(&draft);
        // What is written must hold: a draft that does not is worth less than none.
        if holds(&written) {
            text.push_str(&written);
            ids.insert(draft.id);
        } else {
            add(&mut left.wrong, stranger.count);
        }
    }
    let some = left.tell();
    if ids.is_empty() {
        if exit != DONE {
            return Ok((None, exit));
        }
        let why = match some {
            true => "no signature can be made of the errors in it that no rule knows",
            false => "no error in it that no rule knows, so there is nothing to write down",
        };
        let error = Error::new(format!("{shown}: {why}"));
        return Err(Failure::Usage(error.help("'logtriage rules test' shows what the rules say about each line")));
    }
    Ok((Some(text), exit))
}

fn note(strangers: &mut BTreeMap<String, Stranger>, left: &mut LeftOut, record: &Record<'_>, event: Option<&Event>) {
    if !event.is_some_and(|event| event.hits.is_empty()) {
        return;
    }
    let message = headline(record.message);
    let sample = prepare_text(&String::from_utf8_lossy(message), true).trim().to_owned();
    let template = mask::shape(&sample);
    if sample.is_empty() {
        left.empty = (left.empty.0 + 1, 1);
        return;
    }
    if strangers.len() >= TEMPLATES && !strangers.contains_key(&template) {
        left.beyond += 1;
        return;
    }
    let stranger = strangers.entry(template).or_insert_with(|| Stranger {
        count: 0,
        message: message.to_vec(),
        samples: Vec::new(),
    });
    stranger.count += 1;
    if stranger.samples.len() < SAMPLES && !stranger.samples.contains(&sample) {
        stranger.samples.push(sample);
    }
}

/// The signature of a template, when enough of it never changes.
fn signature(template: &str, stranger: &Stranger, taken: &BTreeSet<String>) -> Option<Draft> {
    let mut pieces = pieces(template);
    pieces.retain(|piece| {
        let stands = |text: &[u8]| memchr::memmem::find(text, piece.as_bytes()).is_some();
        stands(&stranger.message) && stranger.samples.iter().all(|sample| stands(sample.as_bytes()))
    });
    // The longest say most; they stay in their order.
    let mut lengths: Vec<usize> = pieces.iter().map(String::len).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let least = lengths.get(2).copied().unwrap_or(0);
    pieces.retain(|piece| piece.len() >= least);
    pieces.truncate(3);
    if pieces.iter().map(String::len).sum::<usize>() < PIECES {
        return None;
    }
    let title: String = pieces.join(" ... ").chars().take(80).collect();
    let times = if stranger.count == 1 { "once".to_owned() } else { format!("{} times", stranger.count) };
    let note = format!("# {times}: {}\n", template.replace(char::is_control, " "));
    let samples = stranger.samples.clone();
    Some(Draft { id: id(&pieces, taken), title, pieces, samples, note })
}

/// What never changes: the text between the masks, without a level in front.
fn pieces(template: &str) -> Vec<String> {
    let mut text = template.replace("[masked]", "\0").replace('…', "\0");
    for mask in ["<n>", "<text>", "<path>", "<json>", "<value>", "<url>", "<mail>"] {
        text = text.replace(mask, "\0");
    }
    let mut pieces: Vec<String> = Vec::new();
    for piece in text.split('\0') {
        let piece = piece.trim_matches(|c: char| !c.is_alphanumeric());
        let (first, rest) = piece.split_once(|c: char| !c.is_alphanumeric()).unwrap_or((piece, ""));
        let levelled = Level::from_word(first.as_bytes()).is_some() && first.chars().any(char::is_uppercase);
        let piece = if levelled { rest.trim_start_matches(|c: char| !c.is_alphanumeric()) } else { piece };
        if piece.len() >= PIECE && !pieces.iter().any(|known| known == piece) {
            pieces.push(piece.to_owned());
        }
    }
    pieces
}

/// The first words of the pieces, as an id that is not taken yet.
fn id(pieces: &[String], taken: &BTreeSet<String>) -> String {
    let text = pieces.join(" ").to_ascii_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 1);
    let mut id = String::new();
    for word in words.take(5) {
        if id.len() + word.len() > 40 {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(word);
    }
    if id.is_empty() {
        id.push_str("error");
    }
    let free = |id: &String| !taken.contains(id);
    if free(&id) {
        return id;
    }
    (2..).map(|n| format!("{id}-{n}")).find(free).unwrap_or(id)
}

/// Is this signature right by itself, samples included?
fn holds(signature: &str) -> bool {
    let text = format!("[pack]\nname = \"draft\"\n{signature}");
    let Ok(pack) = rules::parse("draft.toml", &text) else { return false };
    Plan::new(vec![pack]).is_ok_and(|plan| scan::prove(&plan).is_empty())
}

/// A TOML string: JSON's escapes are TOML's, and what TOML refuses besides is DEL.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()).replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_changes_is_taken() {
        for (template, expected) in [
            ("ERROR cannot lease shard <n> of <text>: quorum lost", "cannot lease shard|quorum lost"),
            ("[ERR] <value> <n>", ""),
            ("token=[masked] was refused by <url>", "token|was refused by"),
            ("error in the error path: <path>", "error in the error path"),
            ("fü <n> größe", "größe"),
        ] {
            assert_eq!(pieces(template).join("|"), expected, "{template}");
        }
    }

    #[test]
    fn ids_are_never_taken_twice() {
        let pieces = ["Cannot lease the shard".to_owned()];
        let mut taken = BTreeSet::new();
        for expected in ["cannot-lease-the-shard", "cannot-lease-the-shard-2", "cannot-lease-the-shard-3"] {
            let id = id(&pieces, &taken);
            assert_eq!(id, expected);
            taken.insert(id);
        }
        assert_eq!(id(&["東京".to_owned()], &taken), "error");
    }

    #[test]
    fn the_example_is_right() {
        assert!(holds(&example()), "{}", example());
        assert!(refuse("shop").is_ok());
        assert!(refuse("Nats").is_err() && refuse("").is_err() && refuse("systemd").is_err());
    }
}
