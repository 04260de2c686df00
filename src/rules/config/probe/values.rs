//! Values that only probes have: where a secret stands, headers, a body, statuses.
//!
//! In: values of a page. Out: what they say, mistakes noted on the page.

use toml::Spanned;
use toml::de::DeValue;

use crate::rules::table::{Page, Table, quoted};
use crate::source::probe::{Engine, Given, Secret};

/// Headers hold a secret when their name holds one of these.
const SECRET: &[&str] = &["authorization", "cookie", "token", "api-key", "apikey", "secret"];

/// Keeps out of messages what may be a secret: a token that was written out, an address with a password or a query.
pub(super) fn hide(page: &mut Page<'_>, table: &Table<'_>) {
    for (key, value) in table.entries.iter() {
        let key: &str = key.get_ref();
        match value.get_ref() {
            DeValue::String(text) if key == "bearer" || (key == "http" && text.contains(['@', '?'])) => {
                page.hide(value.span());
            }
            DeValue::Table(headers) if key == "headers" => {
                for value in headers.values().filter(|value| value.get_ref().as_str().is_some()) {
                    page.hide(value.span());
                }
            }
            _ => {}
        }
    }
}

/// A body: text, or `{ json = ... }`.
pub(super) fn json_text(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Option<String> {
    let value = table.entries.get(key)?;
    if value.get_ref().as_str().is_some() {
        return page.string(table, key).map(|word| word.text.to_owned());
    }
    let inner = value.get_ref().as_table().filter(|inner| inner.len() == 1).and_then(|inner| inner.get("json"));
    let Some(inner) = inner else {
        let what = format!("'{key}' must be a text or {{ json = ... }}");
        page.tell(value.span(), what, format!("such as {key} = {{ json = {{ limit = 50 }} }}"));
        return None;
    };
    match json(inner.get_ref()) {
        Some(value) => Some(value.to_string()),
        None => {
            page.tell(inner.span(), format!("'{key}' holds a number that JSON does not know"), None);
            None
        }
    }
}

fn json(value: &DeValue<'_>) -> Option<serde_json::Value> {
    use serde_json::Value;
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => Value::from(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => Value::from(serde_json::Number::from_f64(number.as_str().parse().ok()?)?),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(list) => Value::Array(list.iter().map(|item| json(item.get_ref())).collect::<Option<_>>()?),
        DeValue::Table(table) => {
            let member = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
                Some((key.get_ref().to_string(), json(value.get_ref())?))
            };
            Value::Object(table.iter().map(member).collect::<Option<_>>()?)
        }
    })
}

/// Where a secret stands: `{ file = "..." }` or `{ env = "..." }`.
pub(super) fn secret(page: &mut Page<'_>, value: &Spanned<DeValue<'_>>, key: &str) -> Option<Secret> {
    let help = format!("{key} = {{ file = \"~/.config/app/token\" }} or {{ env = \"APP_TOKEN\" }}");
    if value.get_ref().as_str().is_some() {
        // The value itself is not told: it is a secret.
        let what = format!("'{key}' says where the secret stands, not the secret");
        page.tell(value.span(), what, help);
        return None;
    }
    let Some(entries) = value.get_ref().as_table() else {
        page.tell(value.span(), format!("'{key}' must be a table"), help);
        return None;
    };
    let table = Table::new(entries, value.span(), format!("'{key}'"));
    page.keys(&table, &["file", "env"]);
    let file = page.string(&table, "file").map(|word| Secret::File(word.text.to_owned()));
    let env = page.string(&table, "env").map(|word| Secret::Env(word.text.to_owned()));
    if table.has("file") == table.has("env") {
        page.tell(value.span(), format!("'{key}' needs either 'file' or 'env'"), help);
        return None;
    }
    file.or(env)
}

/// `{ "X-Api-Key" = { env = "KEY" }, Accept = "application/json" }`.
pub(super) fn header_list(page: &mut Page<'_>, table: &Table<'_>) -> Vec<(String, Given)> {
    let mut headers = Vec::new();
    let Some(inner) = page.table(table, "headers") else { return headers };
    for (name, value) in inner.entries.iter() {
        let word: &str = name.get_ref();
        let right = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !right {
            let what = format!("the name of a header has letters, digits and dashes, found {}", quoted(word));
            page.tell(name.span(), what, None);
            continue;
        }
        let lower = word.to_ascii_lowercase();
        match value.get_ref().as_str() {
            Some(text) if !SECRET.iter().any(|part| lower.contains(part)) => {
                if text.chars().any(char::is_control) {
                    page.tell(value.span(), format!("the header {word} must be one line"), None);
                }
                headers.push((word.to_owned(), Given::Text(text.to_owned())));
            }
            _ => headers.extend(secret(page, value, word).map(|secret| (word.to_owned(), Given::Secret(secret)))),
        }
    }
    headers
}

/// One status or several.
pub(super) fn statuses(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Vec<u32> {
    let Some(value) = table.entries.get(key) else { return Vec::new() };
    let one = |value: &DeValue<'_>| {
        value.as_integer().and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
    };
    let list = match value.get_ref() {
        DeValue::Array(list) => list.iter().map(|item| one(item.get_ref())).collect::<Option<Vec<_>>>(),
        other => one(other).map(|number| vec![number]),
    };
    match list {
        Some(list) if !list.is_empty() && list.len() <= 32 => list,
        _ => {
            page.tell(
                value.span(),
                format!("'{key}' must be a number or a list of numbers"),
                format!("{key} = [200, 404]"),
            );
            Vec::new()
        }
    }
}

/// `"podman"` or `"docker"`.
pub(super) fn choice_of_engine(page: &mut Page<'_>, table: &Table<'_>, key: &str) -> Option<Engine> {
    page.choice(table, key, &[("podman", Engine::Podman), ("docker", Engine::Docker)])
}
