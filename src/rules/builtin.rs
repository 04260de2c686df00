//! The packs that come with the binary.
//!
//! Out: their file names and texts. They are read like any other pack, with the same checks.

/// File name and text of every built-in pack, in the order in which they are loaded.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    &[
        ("common.toml", include_str!("../../grammars/packs/common.toml")),
        ("kernel.toml", include_str!("../../grammars/packs/kernel.toml")),
        ("python.toml", include_str!("../../grammars/packs/python.toml")),
        ("systemd.toml", include_str!("../../grammars/packs/systemd.toml")),
    ]
}
