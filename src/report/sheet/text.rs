//! A sheet as text: no line is wider than the screen, but for commands and tables of letters of one width.

use std::io;

use super::{Block, Line, Piece, Sheet, Table};
use crate::report::screen::{Screen, columns, cut, visible, wrap};
use crate::report::style::Style;

/// Lines of one point.
const LINES: usize = 12;

/// The last column of a table has at least so many columns of the screen.
const LEAST: usize = 12;

/// Between the columns of a table.
const GAP: usize = 2;

/// Writes a prepared sheet for people.
///
/// # Errors
/// Those of `out`.
pub fn text_of(sheet: &Sheet, screen: &Screen, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page { screen, width: screen.columns(), out: String::new() };
    let mut before: Option<&Block> = None;
    for block in &sheet.blocks {
        page.space(before, block);
        match block {
            Block::Title(line) => page.styled(Style::Label, &plain(line).to_uppercase()),
            Block::Heading(line) => page.styled(Style::Label, &plain(line)),
            Block::Field(name, line) => page.hanging(name, &plain(line)),
            Block::Label(name) => page.styled(Style::Label, name),
            Block::Paragraph(line) => page.hanging("", &plain(line)),
            Block::Bullets(lines) => lines.iter().for_each(|line| page.point("- ", line)),
            Block::Numbers(lines) => {
                for (n, line) in lines.iter().enumerate() {
                    page.point(&format!("{}. ", n + 1), line);
                }
            }
            Block::Table(table) => page.table(table),
            Block::Command(text) => page.raw(Style::Command, &format!("  {}", visible(text))),
            Block::Verbatim(lines) => lines.iter().for_each(|line| page.raw(Style::Plain, &visible(line))),
            Block::Rule => {}
        }
        before = Some(block);
    }
    out.write_all(page.out.as_bytes())
}

struct Page<'a> {
    screen: &'a Screen,
    width: usize,
    out: String,
}

impl Page<'_> {
    /// An empty line where one helps the eye.
    fn space(&mut self, before: Option<&Block>, block: &Block) {
        let Some(before) = before else { return };
        let close = matches!(
            (before, block),
            (Block::Field(..), Block::Field(..))
                | (Block::Title(_) | Block::Heading(_) | Block::Label(_), _)
                | (Block::Paragraph(_) | Block::Command(_), Block::Command(_))
                | (_, Block::Rule)
        );
        if !close {
            self.out.push('\n');
        }
    }

    fn raw(&mut self, style: Style, line: &str) {
        style.push(&mut self.out, line.trim_end(), self.screen.color);
        self.out.push('\n');
    }

    fn styled(&mut self, style: Style, text: &str) {
        for line in wrap(text, self.width, self.width, LINES) {
            self.raw(style, &line);
        }
    }

    /// A label, and a text behind it with a hanging indent.
    fn hanging(&mut self, label: &str, text: &str) {
        let hang = if self.width >= 40 { 2 } else { 1 };
        let head = if label.is_empty() { hang } else { columns(label) + 1 };
        // A label that takes most of the line stays alone.
        let alone = head + 10 > self.width;
        match (label.is_empty(), alone) {
            (true, _) => self.out.push_str(&" ".repeat(hang)),
            (false, true) => {
                self.styled(Style::Label, label);
                self.out.push_str(&" ".repeat(hang));
            }
            (false, false) => {
                Style::Label.push(&mut self.out, label, self.screen.color);
                self.out.push(' ');
            }
        }
        let first = if alone { hang } else { head };
        self.lines(first, hang, text);
    }

    fn point(&mut self, mark: &str, line: &Line) {
        self.out.push_str("  ");
        self.out.push_str(mark);
        let hang = 2 + mark.len();
        self.lines(hang, hang, &plain(line));
        // A break in the wrong place would spoil it.
        if let Some(command) = &line.command {
            self.out.push_str(&" ".repeat(hang));
            self.raw(Style::Command, &visible(command));
        }
    }

    /// `used` columns of the first line are taken; further lines are indented by `hang`.
    fn lines(&mut self, used: usize, hang: usize, text: &str) {
        let lines = wrap(text, self.width.saturating_sub(used), self.width.saturating_sub(hang), LINES);
        for (n, line) in lines.iter().enumerate() {
            if n > 0 {
                self.out.push_str(&" ".repeat(hang));
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
        if lines.is_empty() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\n');
        }
    }

    fn table(&mut self, table: &Table) {
        let rows: Vec<Vec<String>> =
            table.rows.iter().map(|row| row.iter().map(|line| filled(&plain(line))).collect()).collect();
        let widths = self.widths(table, &rows);
        let head: Vec<String> = table.head.iter().map(|column| column.name.to_owned()).collect();
        self.cells(Style::Dim, table, &widths, &head);
        for row in &rows {
            self.cells(Style::Plain, table, &widths, row);
        }
    }

    /// As wide as their widest cell. What is too much is taken from the last column, which explains the others, then from
    /// the widest.
    fn widths(&self, table: &Table, rows: &[Vec<String>]) -> Vec<usize> {
        let mut widths: Vec<usize> = table.head.iter().map(|column| columns(column.name)).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(columns(cell));
            }
        }
        let room = self.width.saturating_sub(2 + GAP * widths.len().saturating_sub(1));
        if let Some((last, others)) = widths.split_last_mut() {
            *last = (*last).min(room.saturating_sub(others.iter().sum()).max(LEAST));
        }
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max_by_key(|width| **width).filter(|width| **width > 1) else { break };
            *widest -= 1;
        }
        widths
    }

    fn cells(&mut self, style: Style, table: &Table, widths: &[usize], cells: &[String]) {
        let mut line = " ".to_owned();
        for ((column, width), cell) in table.head.iter().zip(widths).zip(cells) {
            let cell = cut(cell, *width);
            let pad = " ".repeat(width.saturating_sub(columns(&cell)));
            line.push_str(if line.len() > 1 { "  " } else { " " });
            match column.right {
                true => line.push_str(&format!("{pad}{cell}")),
                false => line.push_str(&format!("{cell}{pad}")),
            }
        }
        let line = cut(line.trim_end(), self.width).into_owned();
        self.raw(style, &line);
    }
}

fn filled(cell: &str) -> String {
    if cell.is_empty() { "-".to_owned() } else { cell.to_owned() }
}

fn plain(line: &Line) -> String {
    let mut out = String::new();
    for piece in &line.pieces {
        match piece {
            Piece::Strong(text) => out.push_str(text),
            Piece::Own(text) | Piece::Said(text) | Piece::Name(text) | Piece::Code(text) => {
                out.push_str(&visible(text))
            }
        }
    }
    out
}
