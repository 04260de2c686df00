//! The sheet: one way to write down a report of any kind, for people on a screen and as Markdown.
//!
//! In: titles, fields, lists and tables, each piece with where it comes from: our own words, or words of a log or a pack.
//! Out: text no wider than the screen, or Markdown that nothing in a log can break out of. Every piece is cleaned, masked
//! and bounded here, once. It never decides what is told, only how.

mod markdown;
mod text;

pub use markdown::markdown_of;
pub use text::text_of;

use super::prepare::prepare_text;

/// A report as blocks, in the order in which they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    blocks: Vec<Block>,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    /// The title of the whole.
    Title(Line),
    /// The title of a part.
    Heading(Line),
    /// A name and what stands behind it.
    Field(&'static str, Line),
    /// A name alone; what belongs to it follows.
    Label(&'static str),
    /// Sentences.
    Paragraph(Line),
    /// Points.
    Bullets(Vec<Line>),
    /// Numbered points.
    Numbers(Vec<Line>),
    /// Rows under a head.
    Table(Table),
    /// A command to copy.
    Command(String),
    /// Lines as they are, in letters of one width.
    Verbatim(Vec<String>),
    /// A line between parts.
    Rule,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    head: Vec<Column>,
    rows: Vec<Vec<Line>>,
}

/// The head of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Column {
    name: &'static str,
    /// Numbers stand at the right.
    right: bool,
}

/// A piece of a line, by where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Our own words.
    Own(String),
    /// Our own words, to be seen first.
    Strong(&'static str),
    /// A sentence of a pack or of a log: nothing in it is markup.
    Said(String),
    /// A name: printed as it stands where it cannot be markup, else as code.
    Name(String),
    /// A line of a log, a command, a file.
    Code(String),
}

/// One line of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pieces: Vec<Piece>,
    /// What stands behind it to be copied; a screen gives it a line of its own.
    command: Option<String>,
}

impl Line {
    fn of(piece: Piece) -> Line {
        Line { pieces: vec![piece], command: None }
    }

    /// Our own words.
    pub fn own(text: impl Into<String>) -> Line {
        Line::default().and(text)
    }

    /// A sentence of a pack or of a log.
    pub fn said(text: impl Into<String>) -> Line {
        Line::of(Piece::Said(text.into()))
    }

    /// A name.
    pub fn name(text: impl Into<String>) -> Line {
        Line::of(Piece::Name(text.into()))
    }

    /// A line of a log, a command, a file.
    pub fn code(text: impl Into<String>) -> Line {
        Line::of(Piece::Code(text.into()))
    }

    /// Our own words, to be seen first.
    pub fn strong(text: &'static str) -> Line {
        Line::of(Piece::Strong(text))
    }

    /// Our own words behind it.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>) -> Line {
        self.pieces.push(Piece::Own(text.into()));
        self
    }

    /// Another line behind it.
    #[must_use]
    pub fn join(mut self, other: Line) -> Line {
        self.pieces.extend(other.pieces);
        self.command = self.command.or(other.command);
        self
    }

    /// With a command to copy behind it.
    #[must_use]
    pub fn run(mut self, command: Option<&str>) -> Line {
        self.command = command.map(str::to_owned);
        self
    }

    /// Lines with our own words between them.
    pub fn list(lines: impl IntoIterator<Item = Line>, between: &str) -> Line {
        let mut all = Line::default();
        for line in lines {
            if !all.pieces.is_empty() {
                all = all.and(between);
            }
            all = all.join(line);
        }
        all
    }

    /// Is there nothing in it?
    pub fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Strong(text) => text.is_empty(),
            Piece::Own(text) | Piece::Said(text) | Piece::Name(text) | Piece::Code(text) => text.is_empty(),
        })
    }

    fn prepare(&mut self, redact: bool) {
        for piece in &mut self.pieces {
            match piece {
                Piece::Strong(_) => {}
                Piece::Own(text) | Piece::Said(text) | Piece::Name(text) | Piece::Code(text) => {
                    *text = prepare_text(text, redact);
                }
            }
        }
        if let Some(command) = &mut self.command {
            *command = prepare_text(command, redact);
        }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Line {
        Line::own(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Line {
        Line::own(text)
    }
}

impl Table {
    /// A table with these columns; a name that begins with `>` stands at the right.
    pub fn new(head: &[&'static str]) -> Table {
        let column = |name: &&'static str| match name.strip_prefix('>') {
            Some(name) => Column { name, right: true },
            None => Column { name, right: false },
        };
        Table { head: head.iter().map(column).collect(), rows: Vec::new() }
    }

    /// One more row. What is missing is empty, what is too much is left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Line>) {
        let mut cells: Vec<Line> = cells.into_iter().take(self.head.len()).collect();
        cells.resize_with(self.head.len(), Line::default);
        self.rows.push(cells);
    }

    /// Has it any row?
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Sheet {
    /// A sheet with this title.
    pub fn new(title: impl Into<Line>) -> Sheet {
        Sheet { blocks: vec![Block::Title(title.into())] }
    }

    /// The title of a part.
    pub fn heading(&mut self, text: impl Into<Line>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    /// A name, and what stands behind it.
    pub fn field(&mut self, name: &'static str, value: impl Into<Line>) {
        self.blocks.push(Block::Field(name, value.into()));
    }

    /// A name alone: what belongs to it follows.
    pub fn label(&mut self, name: &'static str) {
        self.blocks.push(Block::Label(name));
    }

    /// Sentences.
    pub fn paragraph(&mut self, text: impl Into<Line>) {
        let line = text.into();
        if !line.is_empty() {
            self.blocks.push(Block::Paragraph(line));
        }
    }

    /// Points; nothing when there are none.
    pub fn bullets(&mut self, lines: impl IntoIterator<Item = Line>) {
        let lines: Vec<Line> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.blocks.push(Block::Bullets(lines));
        }
    }

    /// Numbered points; nothing when there are none.
    pub fn numbers(&mut self, lines: impl IntoIterator<Item = Line>) {
        let lines: Vec<Line> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.blocks.push(Block::Numbers(lines));
        }
    }

    /// A table; nothing when it has no rows.
    pub fn table(&mut self, table: Table) {
        if !table.is_empty() {
            self.blocks.push(Block::Table(table));
        }
    }

    /// A command to copy.
    pub fn command(&mut self, command: impl Into<String>) {
        self.blocks.push(Block::Command(command.into()));
    }

    /// Lines as they are, in letters of one width.
    pub fn verbatim(&mut self, lines: impl IntoIterator<Item = String>) {
        self.blocks.push(Block::Verbatim(lines.into_iter().collect()));
    }

    /// A line between parts.
    pub fn rule(&mut self) {
        self.blocks.push(Block::Rule);
    }

    /// The sheet as it may leave the process: terminal sequences removed, secrets masked (if `redact`), long texts cut.
    #[must_use]
    pub fn prepare(mut self, redact: bool) -> Sheet {
        for block in &mut self.blocks {
            match block {
                Block::Title(line) | Block::Heading(line) | Block::Field(_, line) | Block::Paragraph(line) => {
                    line.prepare(redact);
                }
                Block::Bullets(lines) | Block::Numbers(lines) => lines.iter_mut().for_each(|line| line.prepare(redact)),
                Block::Table(table) => table.rows.iter_mut().flatten().for_each(|line| line.prepare(redact)),
                Block::Command(text) => *text = prepare_text(text, redact),
                Block::Verbatim(lines) => lines.iter_mut().for_each(|line| *line = prepare_text(line, redact)),
                Block::Label(_) | Block::Rule => {}
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Screen;

    fn sample(word: &str) -> Sheet {
        let mut sheet = Sheet::new("A Report");
        sheet.field("Time Period:", "all of it");
        sheet.heading("Summary");
        let mut table = Table::new(&["Code", ">Count", "Skill"]);
        table.row([Line::name(word), Line::own("12"), Line::name("ats-search")]);
        table.row([Line::name("LLM_TIMEOUT"), Line::own("3")]);
        sheet.table(table);
        sheet.table(Table::new(&["Nothing"]));
        sheet.rule();
        sheet.heading(Line::own("Issue #1: ").join(Line::said(word)));
        sheet.label("Root Cause:");
        sheet.paragraph(Line::said(word));
        sheet.bullets([Line::code(word), Line::own("12 of 15 from ").join(Line::name(word))]);
        sheet.command(format!("grep -rn '{word}' ."));
        sheet.numbers([Line::strong("Immediate:").and(" mend it")]);
        sheet.verbatim([format!("  {word}   1")]);
        sheet
    }

    fn both(sheet: &Sheet, width: usize) -> [String; 2] {
        let screen = Screen { width, color: false, verbose: 0 };
        let (mut text, mut markdown) = (Vec::new(), Vec::new());
        text_of(sheet, &screen, &mut text).unwrap();
        markdown_of(sheet, &mut markdown).unwrap();
        [text, markdown].map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_sheet_in_both_forms() {
        let [text, markdown] = both(&sample("LLM_RATE_LIMITED"), 80);
        insta::assert_snapshot!("sheet_text", text);
        insta::assert_snapshot!("sheet_markdown", markdown);
        insta::assert_snapshot!("sheet_narrow", both(&sample("LLM_RATE_LIMITED"), 30)[0]);
    }

    #[test]
    fn nothing_breaks_out_and_no_secret_leaves() {
        let hostile = "\x1b[31mx\x07\u{202e} ``` | a|b </details> @team password=hunter2\n# h";
        let [text, markdown] = both(&sample(hostile).prepare(true), 60);
        for out in [&text, &markdown] {
            assert!(!out.contains("hunter2") && !out.contains('\x1b') && !out.contains('\u{202e}'), "{out}");
        }
        assert!(!markdown.contains("\n# h") && markdown.contains("&lt;/details\\> `@team`"), "{markdown}");
        assert!(
            text.lines().filter(|line| !line.contains("grep")).all(|line| crate::report::screen::columns(line) <= 60)
        );
        let [open, _] = both(&sample(hostile).prepare(false), 200);
        assert!(open.contains("hunter2"));
    }
}
