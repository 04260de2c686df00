//! Colours: the few that carry meaning.

use crate::base::Severity;

/// What a piece of text is; the terminal decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Text.
    Plain,
    /// A label.
    Label,
    /// A place, a remark.
    Dim,
    /// A command to copy.
    Command,
    /// A verdict.
    Verdict(Severity),
}

impl Style {
    /// The parameters of the SGR sequence; empty for none.
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Label => "1",
            Style::Dim => "2",
            Style::Command => "36",
            Style::Verdict(Severity::Down) => "1;31",
            Style::Verdict(Severity::Degraded) => "1;33",
            Style::Verdict(Severity::Healthy) => "1;32",
            Style::Verdict(Severity::Info) => "2",
        }
    }

    /// Appends `text` in this style.
    pub(super) fn push(self, out: &mut String, text: &str, color: bool) {
        let code = self.code();
        if !color || code.is_empty() || text.is_empty() {
            out.push_str(text);
            return;
        }
        out.push_str("\x1b[");
        out.push_str(code);
        out.push('m');
        out.push_str(text);
        out.push_str("\x1b[0m");
    }
}
