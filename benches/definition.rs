//! The definitions: what is measured, of which corpus, and why. They are data: files of benches/definitions/.

/// One bench.
#[derive(Clone, Debug)]
pub struct Definition {
    /// `parse/json`.
    pub name: String,
    /// Which model measures it.
    pub model: String,
    /// The corpus that it works on.
    pub corpus: String,
    /// Why it exists.
    pub why: String,
    /// Threads, where the model has any.
    pub threads: usize,
    /// So many times the built-in signatures.
    pub rules: usize,
    /// Lines a second, where they are offered at a pace.
    pub pace: u64,
}

const FILES: &[(&str, &str)] = &[
    ("lines.toml", include_str!("definitions/lines.toml")),
    ("parse.toml", include_str!("definitions/parse.toml")),
    ("scan.toml", include_str!("definitions/scan.toml")),
    ("detect.toml", include_str!("definitions/detect.toml")),
    ("end-to-end.toml", include_str!("definitions/end-to-end.toml")),
    ("merge.toml", include_str!("definitions/merge.toml")),
    ("start.toml", include_str!("definitions/start.toml")),
    ("pipe.toml", include_str!("definitions/pipe.toml")),
];

const KEYS: [&str; 7] = ["name", "model", "corpus", "why", "threads", "rules", "pace"];

/// All of them, in the order of the files.
///
/// # Errors
/// What is wrong in which file.
pub fn all() -> Result<Vec<Definition>, String> {
    let mut all: Vec<Definition> = Vec::new();
    for (file, text) in FILES {
        let table: toml::Table = text.parse().map_err(|why| format!("{file}: {why}"))?;
        for bench in table.get("bench").and_then(toml::Value::as_array).into_iter().flatten() {
            let one = read(bench).map_err(|why| format!("{file}: {why}"))?;
            if all.iter().any(|known| known.name == one.name) {
                return Err(format!("{file}: two benches are called '{}'", one.name));
            }
            all.push(one);
        }
    }
    Ok(all)
}

fn read(bench: &toml::Value) -> Result<Definition, String> {
    let table = bench.as_table().ok_or("expected [[bench]]")?;
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("expected one of {}, found '{key}'", KEYS.join(", ")));
    }
    let text = |key: &str| {
        let found = table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        found.ok_or_else(|| format!("{key}: expected text in every [[bench]]"))
    };
    let number = |key: &str| table.get(key).and_then(toml::Value::as_integer).and_then(|n| u64::try_from(n).ok());
    let small = |key: &str| number(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
    Ok(Definition {
        name: text("name")?,
        model: text("model")?,
        corpus: text("corpus")?,
        why: text("why")?,
        threads: small("threads"),
        rules: small("rules"),
        pace: number("pace").unwrap_or(1_000),
    })
}
