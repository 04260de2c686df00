//! Rows with costs: of three stores, each with its own names.

use crate::base::Stamp;
use crate::report::kinds::Money;

use super::row::Row;

/// One cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// `execution_cost`, `litellm`, `llm_calls`, `hosting`.
    pub(super) ledger: &'static str,
    pub(super) usd: Money,
    /// The amount could not be read: it counts as nothing.
    pub(super) unread: bool,
    pub(super) time: Option<Stamp>,
    pub(super) repo: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) model: Option<String>,
    /// `frontier`, `mid`, `local`, `hosting`, `unknown`.
    pub(super) tier: &'static str,
    /// Cached, of so many, `calls` or `tokens`.
    pub(super) cached: Option<(u64, u64, &'static str)>,
}

impl Entry {
    /// The cost that a row is, if it is one.
    pub(super) fn of(row: &Row<'_>, time: Option<Stamp>) -> Option<Entry> {
        if row.text(&["kind"]).as_deref() == Some("execution_cost") {
            let mut entry = Entry::new("execution_cost", row, &["estimated_usd"]);
            entry.time = row.time_of(&["timestamp"]).or(time);
            entry.repo = row.text(&["repo_key"]);
            entry.agent = None;
            return Some(entry);
        }
        if row.has(&["spend"]) && row.has(&["startTime", "start_time"]) {
            let mut entry = Entry::new("litellm", row, &["spend"]);
            entry.time = row.time_of(&["startTime", "start_time"]).or(time);
            let hit = row.text(&["cache_hit", "cacheHit"]).map(|hit| hit.eq_ignore_ascii_case("true"));
            entry.cached = hit.map(|hit| (u64::from(hit), 1, "calls"));
            return Some(entry);
        }
        if row.has(&["cost_usd"])
            && row.text(&["category"]).is_some_and(|what| what == "hosting" || what == "infrastructure")
        {
            let mut entry = Entry::new("hosting", row, &["cost_usd"]);
            (entry.time, entry.tier) = (time, "hosting");
            return Some(entry);
        }
        if row.has(&["cost_usd"]) && row.has(&["model", "provider"]) {
            let mut entry = Entry::new("llm_calls", row, &["cost_usd"]);
            entry.time = row.time_of(&["time"]).or(time);
            let tokens = |names: &[&str]| row.number(names).and_then(|n| u64::try_from(n).ok());
            entry.cached = tokens(&["cached_tokens"])
                .zip(tokens(&["input_tokens"]))
                .map(|(cached, of)| (cached.min(of), of, "tokens"));
            return Some(entry);
        }
        None
    }

    fn new(ledger: &'static str, row: &Row<'_>, amount: &[&str]) -> Entry {
        let usd = row.money(amount);
        let model = row.text(&["model", "model_name"]);
        Entry {
            ledger,
            usd: usd.unwrap_or_default(),
            unread: usd.is_none() && row.has(amount),
            agent: row.text(&[
                "agent_id",
                "agent",
                "metadata.user_api_key_alias",
                "api_key_alias",
                "end_user",
                "user",
                "metadata.user_api_key_user_id",
            ]),
            tier: tier(row.text(&["tier", "model_group", "model_id"]).as_deref(), model.as_deref()),
            model,
            ..Entry::default()
        }
    }
}

/// What a model costs, roughly: by the group that the gateway gave it, else by its name.
fn tier(group: Option<&str>, model: Option<&str>) -> &'static str {
    const WORDS: &[(&str, &[&str])] = &[
        ("local", &["local", "ollama", "llamacpp", "llama.cpp", "gguf", "vllm"]),
        ("mid", &["mid", "budget", "groq", "gemini", "haiku", "-mini", "-nano", "flash", "mistral", "deepseek"]),
        ("frontier", &["frontier", "opus", "sonnet", "gpt-4", "gpt-5", "o1", "o3"]),
        ("local", &["qwen", "llama"]),
    ];
    let of = |name: &str| {
        let name = name.to_ascii_lowercase();
        // `o1` is a model, `demo1` is none.
        let is = |word: &&str| match word.len() {
            2 => name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == *word),
            _ => name.contains(*word),
        };
        WORDS.iter().find(|(_, words)| words.iter().any(&is)).map(|(tier, _)| *tier)
    };
    group.and_then(of).or_else(|| model.and_then(of)).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_by_group_and_by_name() {
        for (group, model, want) in [
            (None, Some("claude-opus-4"), "frontier"),
            (None, Some("anthropic/claude-3-5-sonnet"), "frontier"),
            (None, Some("claude-3-haiku"), "mid"),
            (None, Some("gpt-4o"), "frontier"),
            (None, Some("gpt-4o-mini"), "mid"),
            (None, Some("groq/llama-3.1-70b"), "mid"),
            (None, Some("gemini/gemini-1.5-pro"), "mid"),
            (None, Some("ollama/llama3"), "local"),
            (None, Some("qwen2.5-coder-32b"), "local"),
            (None, Some("o1-preview"), "frontier"),
            (None, Some("demo1"), "unknown"),
            (Some("cloud/mid"), Some("claude-opus-4"), "mid"),
            (Some("x-17"), Some("claude-opus-4"), "frontier"),
            (None, None, "unknown"),
        ] {
            assert_eq!(tier(group, model), want, "{group:?} {model:?}");
        }
    }
}
