//! Holds a diagnosis against the labels of its incident, and two diagnoses of one incident against each other.
//! Comes in: JSON. Goes out: what is wrong, in words, nothing when all is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::expect::{Expect, Want};
use super::forms::Form;

/// Everything that is wrong with `output` for the form; `raw` is the text it was read from.
pub fn judge(output: &Value, raw: &str, expect: &Expect, form: &Form) -> Vec<String> {
    let mut wrong = Wrong::default();
    wrong.contract(output);
    for text in &expect.forbid_text {
        wrong.when(raw.contains(text.as_str()), || format!("leaks {text:?}"));
    }
    wrong.when(raw.chars().any(|c| c.is_control() && c != '\n'), || "control characters in the output".to_owned());
    let escaped = raw.to_lowercase().contains("\\u001b");
    wrong.when(escaped, || "an escaped ESC in the output".to_owned());
    let severity = text(&output["severity"]);
    if form.units || expect.is_healthy() {
        let right = expect.severity.iter().any(|s| s == severity);
        wrong.when(!right, || format!("severity {severity}, not {}", expect.severity.join(" or ")));
    }
    if form.units {
        wrong.findings(output, expect);
        wrong.incidents(output, expect);
        wrong.counts(output, expect);
    }
    wrong.0
}

/// Evidence that points to no record: each has a source that was read, and an offset at which a line begins; or, in a
/// document, a pointer that leads to something (none: the document itself).
pub fn misplaced(output: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let tellers = rows(output, "findings").chain(rows(output, "incidents"));
    for evidence in tellers.flat_map(|teller| rows(teller, "evidence")) {
        let (source, offset) = (text(&evidence["source"]), evidence["offset"].as_u64());
        let bytes = known.entry(source).or_insert_with(|| fs::read(source).unwrap_or_default());
        if let Ok(document) = serde_json::from_slice::<Value>(bytes) {
            let pointer = Some(text(&evidence["cursor"])).filter(|pointer| *pointer != "/").unwrap_or_default();
            if document.pointer(pointer).is_none() {
                wrong.push(format!("evidence at {source}, where {pointer} leads to nothing"));
            }
            continue;
        }
        let offset = offset.and_then(|offset| usize::try_from(offset).ok()).unwrap_or(usize::MAX);
        let before = offset.checked_sub(1).and_then(|n| bytes.get(n)).unwrap_or(&b'\n');
        let pointer =
            evidence["cursor"].as_str().is_some_and(|c| c.starts_with(|c: char| c == '/' || c.is_ascii_digit()));
        if pointer && !bytes.is_empty() {
            continue;
        }
        if offset >= bytes.len() || *before != b'\n' {
            wrong.push(format!(
                "evidence at {source}:{offset}, where no record begins: {}",
                cut(text(&evidence["text"]))
            ));
        }
    }
    wrong
}

/// What one form says of an incident and another does not: `(finding, class, severity, unit without its suffix)`.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let (one, other) = (said(one), said(other));
    let missing = one.difference(&other).map(|f| format!("not here: {f}"));
    let more = other.difference(&one).map(|f| format!("only here: {f}"));
    missing.chain(more).collect()
}

/// The diagnosis without what depends on how the program was given its input: names of sources.
pub fn without_names(output: &Value) -> Value {
    match output {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "source" | "sources"))
            .map(|(name, value)| (name.clone(), without_names(value)))
            .collect(),
        Value::Array(values) => values.iter().map(without_names).collect(),
        other => other.clone(),
    }
}

/// The first place at which two values differ, as a path, for a message.
pub fn first_difference(one: &Value, other: &Value) -> Option<String> {
    let mut path = String::new();
    let (mut one, mut other) = (one, other);
    while one != other {
        match (one, other) {
            (Value::Object(a), Value::Object(b)) => {
                let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                let name = names.into_iter().find(|name| a.get(*name) != b.get(*name))?;
                path.push_str(&format!(".{name}"));
                (one, other) = (&one[name], &other[name]);
            }
            (Value::Array(a), Value::Array(b)) => {
                let longest = a.len().max(b.len());
                let n = (0..longest).find(|&n| a.get(n) != b.get(n))?;
                path.push_str(&format!("[{n}]"));
                let null = &Value::Null;
                (one, other) = (a.get(n).unwrap_or(null), b.get(n).unwrap_or(null));
            }
            _ => return Some(format!("{path}: {} / {}", cut(&one.to_string()), cut(&other.to_string()))),
        }
    }
    None
}

#[derive(Default)]
struct Wrong(Vec<String>);

impl Wrong {
    fn when(&mut self, wrong: bool, why: impl FnOnce() -> String) {
        if wrong {
            self.0.push(why());
        }
    }

    /// What holds for every diagnosis.
    fn contract(&mut self, output: &Value) {
        let schema = text(&output["schema"]);
        self.when(schema != "logtriage.diagnosis/1", || format!("schema {schema:?}"));
        let ids: BTreeSet<&str> = rows(output, "findings").map(|f| text(&f["id"])).collect();
        self.when(ids.len() != rows(output, "findings").count(), || "two findings with one id".to_owned());
        for incident in rows(output, "incidents") {
            let lost = rows(incident, "findings").map(text).find(|id| !ids.contains(id));
            self.when(lost.is_some(), || format!("an incident rests on a finding that is not told: {lost:?}"));
            let root = text(&incident["root_cause"]["text"]);
            self.when(root.is_empty(), || "an incident without a root cause".to_owned());
        }
    }

    fn findings(&mut self, output: &Value, expect: &Expect) {
        for want in &expect.must {
            let told = rows(output, "findings").any(|f| is_like(f, want));
            let seen = want.finding.is_empty() && signatures(output).iter().any(|s| is_like(s, want));
            self.when(!told && !seen, || format!("missing {}", describe(want)));
        }
        for want in &expect.must_not {
            let mut told = rows(output, "findings").filter(|f| is_like(f, want));
            if let Some(found) = told.next() {
                let (finding, unit) = (text(&found["finding"]), text(&found["unit"]));
                let title = cut(text(&found["title"]));
                self.0.push(format!("unwanted {}: {finding} {unit} {title:?}", describe(want)));
            }
        }
    }

    fn incidents(&mut self, output: &Value, expect: &Expect) {
        let first = &output["incidents"][0];
        let root = first["root_cause"].to_string().to_lowercase();
        if !expect.root.is_empty() {
            let right = expect.root.iter().any(|word| root.contains(&word.to_lowercase()));
            self.when(!right, || format!("root cause {} lacks {:?}", cut(&root), expect.root));
        }
        if let Some(unit) = &expect.root_unit {
            let found = text(&first["root_cause"]["unit"]);
            self.when(!found.contains(unit.as_str()), || format!("root cause in {found:?}, not in {unit}"));
        }
        let chain: Vec<&str> = rows(first, "chain").map(|link| text(&link["unit"])).collect();
        let mut rest = chain.iter();
        for unit in &expect.chain {
            if !rest.any(|found| found.contains(unit.as_str())) {
                self.0.push(format!("chain lacks {unit} in order: {}", cut(&chain.join(" > "))));
                break;
            }
        }
        for unit in &expect.affected {
            let mut affected = rows(output, "incidents").flat_map(|i| rows(i, "affected")).map(text);
            self.when(!affected.any(|found| found.contains(unit.as_str())), || format!("not affected: {unit}"));
        }
        if !expect.incidents.is_empty() {
            let found: Vec<&str> = rows(output, "incidents").map(|i| text(&i["title"])).collect();
            let right = expect.incidents.contains(&found.len());
            let told = || format!("{} incidents, not {:?}: {}", found.len(), expect.incidents, cut(&found.join(" | ")));
            self.when(!right, told);
        }
        for want in &expect.incident {
            let right = rows(output, "incidents").any(|incident| {
                let root = incident["root_cause"].to_string().to_lowercase();
                text(&incident["root_cause"]["unit"]).contains(want.unit.as_str())
                    && want.root.iter().any(|word| root.contains(&word.to_lowercase()))
            });
            self.when(!right, || format!("no incident that began in {} with {:?}", want.unit, want.root));
        }
    }

    fn counts(&mut self, output: &Value, expect: &Expect) {
        if let Some(want) = &expect.unclassified {
            let alike = rows(output, "unclassified").filter(|t| text(&t["template"]).contains(want.contains.as_str()));
            let counts: Vec<u64> = alike.filter_map(|t| t["count"].as_u64()).collect();
            let told = || format!("templates with {:?}: {counts:?} lines, not [{}]", want.contains, want.count);
            self.when(counts != [want.count], told);
        }
        if let Some(lines) = expect.suppressed {
            let found = output["input"]["suppressed"].as_u64();
            self.when(found != Some(lines), || format!("{found:?} suppressed lines, not {lines}"));
            let told = rows(output, "blind").any(|b| text(&b["kind"]) == "suppressed");
            self.when(!told, || "no blind window told".to_owned());
        }
        let (records, bytes) = (output["input"]["records"].as_u64(), output["input"]["bytes"].as_u64());
        let right = expect.records.is_none() || (records == expect.records && bytes > Some(0));
        self.when(!right, || format!("{records:?} records, not {:?}", expect.records));
        for (id, &times) in &expect.matched {
            let found = rows(output, "signatures").find(|s| text(&s["id"]) == id).and_then(|s| s["count"].as_u64());
            self.when(found.unwrap_or(0) != times, || format!("{id} matched {found:?} times, not {times}"));
        }
        if let Some(since) = &expect.since {
            let found = text(&output["incidents"][0]["first_seen"]);
            self.when(!found.starts_with(since.as_str()), || format!("began at {found:?}, not at {since}"));
        }
        if let Some(hours) = expect.hours {
            let found = period(output);
            let right = found.is_some_and(|found| found <= hours);
            self.when(!right, || format!("covers {found:?} hours, not at most {hours}"));
        }
        for (unit, &restarts) in &expect.restarts {
            let found = rows(output, "units").find(|u| text(&u["unit"]) == unit).and_then(|u| u["restarts"].as_u64());
            self.when(found != Some(restarts), || format!("{found:?} restarts of {unit}, not {restarts}"));
        }
    }
}

/// How long a time was read, in hours.
fn period(output: &Value) -> Option<f64> {
    let [from, to] = ["from", "to"].map(|end| text(&output["period"][end]).parse::<jiff::Timestamp>().ok());
    Some((to? - from?).get_seconds() as f64 / 3600.0)
}

/// A matched signature as evidence, once for each unit it was seen in.
fn signatures(output: &Value) -> Vec<Value> {
    let with_unit = |signature: &Value, unit: &String| {
        let mut one = signature.clone();
        one["unit"] = Value::String(unit.clone());
        one
    };
    let each = |signature: &Value| {
        let units = signature["units"].as_object().into_iter().flat_map(|units| units.keys());
        units.map(|unit| with_unit(signature, unit)).collect::<Vec<_>>()
    };
    rows(output, "signatures").flat_map(each).collect()
}

fn is_like(found: &Value, want: &Want) -> bool {
    let among = |list: &[String], name: &str| list.is_empty() || list.iter().any(|w| w == text(&found[name]));
    let unit = want.unit.as_ref().is_none_or(|unit| text(&found["unit"]).contains(unit.as_str()));
    unit && among(&want.finding, "finding") && among(&want.class, "class") && among(&want.severity, "severity")
}

fn describe(want: &Want) -> String {
    let lists = [&want.finding, &want.class, &want.severity].map(|list| list.join("/"));
    let words: Vec<&str> =
        lists.iter().map(String::as_str).chain(want.unit.as_deref()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

fn said(output: &Value) -> BTreeSet<String> {
    let line = |f: &Value| {
        let unit = text(&f["unit"]);
        let stem = unit.strip_suffix(".service").unwrap_or(unit);
        format!("{} {} {} {stem}", text(&f["finding"]), text(&f["class"]), text(&f["severity"]))
    };
    rows(output, "findings").map(line).collect()
}

fn rows<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn cut(text: &str) -> String {
    text.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labels(text: &str) -> Expect {
        Expect::read(text, Form::named("short-iso")).expect("labels")
    }

    fn wrong(output: &Value, labels_text: &str) -> Vec<String> {
        judge(output, &output.to_string(), &labels(labels_text), Form::named("short-iso"))
    }

    fn sample() -> Value {
        json!({
            "schema": "logtriage.diagnosis/1", "severity": "down",
            "input": {"suppressed": 12, "records": 9, "bytes": 90}, "blind": [{"kind": "suppressed"}],
            "findings": [{"id": "a", "finding": "crash_loop", "class": "disk_full", "severity": "down", "unit": "db.service"}],
            "period": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-01T00:30:00Z"},
            "signatures": [{"id": "p/x", "count": 3, "class": "network", "severity": "down", "units": {"api.service": 3}}],
            "incidents": [{
                "title": "db", "first_seen": "2026-03-01T00:10:00Z", "findings": ["a"], "affected": ["db.service", "api.service"],
                "root_cause": {"unit": "db.service", "text": "No space left on device", "class": "disk_full"},
                "chain": [{"unit": "db.service"}, {"unit": "api.service"}],
            }],
            "unclassified": [{"template": "row <n> is bad", "count": 40}],
            "units": [{"unit": "db.service", "restarts": 4}],
        })
    }

    const RIGHT: &str = r#"
        severity = ["down"]
        root = ["NO SPACE"]
        root-unit = "db"
        chain = ["db", "api"]
        affected = ["api"]
        incidents = [1]
        suppressed = 12
        records = 9
        matched = { "p/x" = 3, "p/y" = 0 }
        since = "2026-03-01T00:10"
        hours = 0.5
        unclassified = { contains = "row", count = 40 }
        restarts = { "db.service" = 4 }
        forbid-text = ["secret"]
        [[must]]
        finding = ["crash_loop"]
        unit = "db"
        [[must]]
        class = ["network"]
        unit = "api"
        [[must-not]]
        unit = "web"
        [[incident]]
        unit = "db"
        root = ["space"]
    "#;

    #[test]
    fn what_is_right_is_right() {
        assert_eq!(wrong(&sample(), RIGHT), Vec::<String>::new());
    }

    #[test]
    fn every_label_can_fail() {
        let mut bad = sample();
        bad["severity"] = json!("healthy");
        bad["findings"][0]["unit"] = json!("web.service");
        bad["findings"][0]["title"] = json!("secret");
        bad["signatures"] = json!([]);
        bad["incidents"][0]["root_cause"] = json!({"unit": "web.service", "text": "exit"});
        bad["incidents"][0]["chain"] = json!([{"unit": "api.service"}, {"unit": "db.service"}]);
        bad["incidents"][0]["affected"] = json!(["db.service"]);
        bad["incidents"].as_array_mut().unwrap().push(json!({"findings": ["gone"]}));
        bad["unclassified"] = json!([{"template": "row <n>", "count": 39}, {"template": "row 7", "count": 1}]);
        bad["units"][0]["restarts"] = json!(3);
        bad["input"]["suppressed"] = json!(0);
        bad["input"]["records"] = json!(8);
        bad["incidents"][0]["first_seen"] = json!("2026-03-01T00:11:00Z");
        bad["period"]["to"] = json!("2027-03-01T00:00:00Z");
        bad["blind"] = json!([]);
        let wrong = wrong(&bad, RIGHT).join("\n");
        for word in [
            "leaks \"secret\"",
            "severity healthy",
            "missing crash_loop db",
            "missing network api",
            "unwanted web",
            "lacks [\"NO SPACE\"]",
            "root cause in \"web.service\"",
            "chain lacks api",
            "not affected: api",
            "2 incidents",
            "no incident that began in db",
            "[39, 1] lines",
            "suppressed lines, not 12",
            "no blind window",
            "records, not Some(9)",
            "p/x matched None times",
            "began at \"2026-03-01T00:11:00Z\"",
            "hours, not at most 0.5",
            "restarts of db.service",
            "a finding that is not told",
            "without a root cause",
        ] {
            assert!(wrong.contains(word), "{word} is not in\n{wrong}");
        }
    }

    #[test]
    fn escapes_are_found_however_they_are_written() {
        let raw = r#"{"schema":"logtriage.diagnosis/1","severity":"down","summary":"\u001B[31m"}"#;
        let output = serde_json::from_str(raw).unwrap();
        let wrong = judge(&output, raw, &labels("severity = [\"down\"]"), Form::named("short-iso"));
        assert_eq!(wrong, ["an escaped ESC in the output"]);
    }

    #[test]
    fn evidence_must_point_to_a_record() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("a.log");
        fs::write(&log, "one\ntwo\n").unwrap();
        let at =
            |source: &str, offset: u64| json!({"findings": [{"evidence": [{"source": source, "offset": offset}]}]});
        let log = log.to_string_lossy();
        let misplacements = [at(&log, 0), at(&log, 4), at(&log, 5), at(&log, 8), at("nowhere", 0)];
        assert_eq!(misplacements.map(|output| misplaced(&output).len()), [0, 0, 1, 1, 1]);
        let document = folder.path().join("a.json");
        fs::write(&document, "{\"rows\": [1,\n 2]}\n").unwrap();
        let document = document.to_string_lossy();
        let row = |cursor: &str| json!({"source": document, "offset": 900, "cursor": cursor});
        let found = [row("/rows/1"), row("/rows/2"), json!({"source": document, "offset": 900})];
        let found = found.map(|row| misplaced(&json!({"findings": [{"evidence": [row]}]})).len());
        assert_eq!(found, [0, 1, 0]);
    }

    #[test]
    fn differences_are_told_with_their_place() {
        let (one, mut other) = (sample(), sample());
        other["findings"][0]["unit"] = json!("db");
        assert!(differences(&one, &other).is_empty());
        other["findings"][0]["class"] = json!("exit");
        assert_eq!(differences(&one, &other).len(), 2);
        assert_eq!(first_difference(&one, &one), None);
        let told = first_difference(&one, &other).unwrap();
        assert!(told.starts_with(".findings[0].class: \"disk_full\" / \"exit\""), "{told}");
        other = one.clone();
        other["findings"][0]["source"] = json!("-");
        assert_eq!(without_names(&one), without_names(&other));
    }
}
