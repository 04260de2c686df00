//! Placeholder until branch `journal` is merged.
/// The unit that a manager's message is about.
pub fn subject(message: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(message).ok()?;
    text.split([' ', ':']).find(|w| crate::base::unit_kind(w).is_some())
}
