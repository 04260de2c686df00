//! A sheet as GitHub-flavoured Markdown: `## ` for the title, `### ` for its parts, `**Name:**` for fields.

use std::io;

use super::{Block, Line, Piece, Sheet, Table};
use crate::report::markdown::{cell_code, code, prose};
use crate::report::screen::visible;

/// Writes a prepared sheet as Markdown.
///
/// # Errors
/// Those of `out`.
pub fn markdown_of(sheet: &Sheet, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::new();
    for block in &sheet.blocks {
        match block {
            Block::Title(line) => say(&mut page, &format!("## {}", inline(line))),
            Block::Heading(line) => say(&mut page, &format!("### {}", inline(line))),
            // Fields that follow each other stand in lines that follow each other.
            Block::Field(name, line) => {
                if page.ends_with("\n\n")
                    && page.trim_end().rsplit('\n').next().is_some_and(|last| last.starts_with("**"))
                {
                    page.truncate(page.trim_end().len());
                    page.push_str("  \n");
                }
                say(&mut page, &format!("**{name}** {}", inline(line)));
            }
            Block::Label(name) => say(&mut page, &format!("**{name}**")),
            Block::Paragraph(line) => say(&mut page, &inline(line)),
            Block::Bullets(lines) => {
                lines.iter().for_each(|line| item(&mut page, &format!("- {}", inline(line))));
                page.push('\n');
            }
            Block::Numbers(lines) => {
                for (n, line) in lines.iter().enumerate() {
                    item(&mut page, &format!("{}. {}", n + 1, inline(line)));
                }
                page.push('\n');
            }
            Block::Table(table) => rows(&mut page, table),
            Block::Command(text) => fence(&mut page, "bash", &[visible(text).as_ref()]),
            Block::Verbatim(lines) => {
                let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
                fence(&mut page, "", &lines.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
            }
            Block::Rule => say(&mut page, "---"),
        }
    }
    out.write_all(page.trim_end().as_bytes())?;
    out.write_all(b"\n")
}

fn say(page: &mut String, text: &str) {
    page.push_str(text.trim_end());
    page.push_str("\n\n");
}

fn item(page: &mut String, text: &str) {
    page.push_str(text.trim_end());
    page.push('\n');
}

fn rows(page: &mut String, table: &Table) {
    let head: Vec<&str> = table.head.iter().map(|column| column.name).collect();
    item(page, &format!("| {} |", head.join(" | ")));
    let marks: Vec<&str> = table.head.iter().map(|column| if column.right { "---:" } else { "---" }).collect();
    item(page, &format!("|{}|", marks.join("|")));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        item(page, &format!("| {} |", cells.join(" | ")));
    }
    page.push('\n');
}

/// A block whose content cannot end it.
fn fence(page: &mut String, language: &str, lines: &[&str]) {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    item(page, &format!("{fence}{language}"));
    lines.iter().for_each(|line| item(page, line));
    say(page, &fence);
}

fn inline(line: &Line) -> String {
    pieces(line, code)
}

fn cell(line: &Line) -> String {
    if line.is_empty() { "-".to_owned() } else { pieces(line, cell_code) }
}

fn pieces(line: &Line, code: fn(&str) -> String) -> String {
    let mut out = String::new();
    for piece in &line.pieces {
        match piece {
            Piece::Own(text) => out.push_str(&visible(text)),
            Piece::Strong(text) => out.push_str(&format!("**{text}**")),
            Piece::Said(text) => out.push_str(&prose(text)),
            Piece::Name(text) if is_plain(text) => out.push_str(text),
            Piece::Name(text) | Piece::Code(text) => out.push_str(&code(text)),
        }
    }
    if let Some(command) = &line.command {
        out.push_str(": ");
        out.push_str(&code(command));
    }
    out
}

/// A name that is no markup, whatever stands beside it.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./: ".contains(&b))
        && !text.starts_with(['_', '-', ' '])
        && !text.ends_with(['_', ' '])
        && !text.contains("://")
        && !text.contains("www.")
        && !text.contains("__")
}
