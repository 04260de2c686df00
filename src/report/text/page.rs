//! The page that a text report is written on: rows with a hanging indent, labels, lists.
//!
//! In: styled texts. Out: lines no wider than the screen. Every string passes [`visible`] on its way into a line.

use super::super::screen::{Screen, columns, cut, visible, wrap};
use super::super::style::Style;
use crate::base::Severity;

/// Where texts begin, right of the labels.
pub(super) const TAB: usize = 13;

/// What is written so far, and how wide it may be.
pub(super) struct Page<'a> {
    screen: &'a Screen,
    /// Columns.
    pub(super) width: usize,
    text: String,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(screen: &'a Screen) -> Page<'a> {
        Page { screen, width: screen.columns(), text: String::new() }
    }

    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Was all asked for?
    pub(super) fn verbose(&self) -> bool {
        self.screen.verbose > 0
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Where the text after a label begins: narrow screens have labels on lines of their own.
    pub(super) fn tab(&self) -> usize {
        if self.width >= 50 { TAB } else { 2 }
    }

    /// `head`, already laid out, then `body` wrapped behind it with a hanging indent; `tail` stands at the right edge.
    pub(super) fn row(&mut self, head: &[(Style, &str)], hang: usize, body: (Style, &str), tail: &str, limit: usize) {
        let (color, width) = (self.screen.color, self.width);
        let mut used = 0;
        for (style, text) in head {
            let text = cut(text, width.saturating_sub(used)).into_owned();
            used += columns(&text);
            style.push(&mut self.text, &text, color);
        }
        let hang = hang.min(width / 2);
        // A head that takes most of the line stays alone.
        if used + 8 > width {
            self.text.truncate(self.text.trim_end_matches(' ').len());
            self.blank();
            used = 0;
        }
        if used < hang {
            self.text.push_str(&" ".repeat(hang - used));
            used = hang;
        }
        // What stands at the edge is the first to go.
        let tail = if used + columns(tail) + 10 > width { "" } else { tail };
        let reserve = if tail.is_empty() { 0 } else { columns(tail) + 2 };
        let first = width.saturating_sub(used + reserve);
        // A narrow screen needs more lines for the same words.
        let limit = if width < 50 && limit > 1 { limit * 2 } else { limit };
        let lines = wrap(&visible(body.1), first, width - hang, limit);
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                self.text.push_str(&" ".repeat(hang));
            }
            body.0.push(&mut self.text, line, color);
            if i == 0 && !tail.is_empty() {
                let gap = width.saturating_sub(used + columns(line) + columns(tail));
                self.text.push_str(&" ".repeat(gap));
                Style::Dim.push(&mut self.text, tail, color);
            }
            self.blank();
        }
        if lines.is_empty() {
            self.blank();
        }
    }

    /// A label, and a text behind it.
    pub(super) fn field(&mut self, label: &str, body: &str, tail: &str, limit: usize) {
        let tab = self.tab();
        if tab == TAB {
            self.row(&[(Style::Label, label)], tab, (Style::Plain, body), tail, limit);
        } else {
            match (label, tail) {
                ("", _) => {}
                (_, "") => self.heading(label),
                _ => self.heading(&format!("{label} ({tail})")),
            }
            self.row(&[], tab, (Style::Plain, body), "", limit);
        }
    }

    /// Further lines of a field.
    pub(super) fn more(&mut self, style: Style, body: &str, limit: usize) {
        self.row(&[], self.tab(), (style, body), "", limit);
    }

    /// A line as it is, however long: for commands, which a break in the wrong place would spoil.
    pub(super) fn raw(&mut self, indent: usize, style: Style, line: &str) {
        self.text.push_str(&" ".repeat(indent));
        style.push(&mut self.text, line, self.screen.color);
        self.blank();
    }

    /// A label on a line of its own.
    pub(super) fn heading(&mut self, label: &str) {
        Style::Label.push(&mut self.text, &cut(label, self.width), self.screen.color);
        self.blank();
    }

    /// The verdict's word, and the title behind it; then what is known about the log, in the dim.
    pub(super) fn verdict(&mut self, severity: Severity, title: &str, about: impl FnOnce(usize) -> String) {
        let word = severity.word().to_uppercase();
        let hang = if self.width >= 50 { word.len() + 2 } else { 2 };
        self.row(&[(Style::Verdict(severity), &word), (Style::Plain, "  ")], hang, (Style::Plain, title), "", 3);
        let about = about(self.width - hang);
        if !about.is_empty() {
            self.row(&[], hang, (Style::Dim, &about), "", 4);
        }
    }

    /// A heading and rows; nothing when there are none.
    pub(super) fn list(&mut self, label: &str, rows: impl Iterator<Item = String>) {
        let mut empty = true;
        for row in rows {
            if std::mem::take(&mut empty) {
                self.blank();
                self.heading(label);
            }
            self.row(&[(Style::Plain, "  ")], 4, (Style::Plain, &row), "", 6);
        }
    }
}
