//! What is known about an incident: its `expect.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::forms::Form;

/// The labels of one incident in one form.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Expect {
    /// The verdict is one of these.
    pub severity: Vec<String>,
    /// A finding (or with no `finding`, also a signature that matched) like each of these is told.
    pub must: Vec<Want>,
    /// Nothing like one of these is told.
    pub must_not: Vec<Want>,
    /// The root cause of the first incident holds one of these words.
    pub root: Vec<String>,
    /// The root cause of the first incident is in this unit.
    pub root_unit: Option<String>,
    /// The first incident's chain has these units, in this order.
    pub chain: Vec<String>,
    /// These units are affected by some incident.
    pub affected: Vec<String>,
    /// So many incidents, one of these numbers.
    pub incidents: Vec<usize>,
    /// For each of these an incident that began in the unit, with one of the words in its root cause.
    pub incident: Vec<WantIncident>,
    /// One template of errors that nobody knows, with this many lines.
    pub unclassified: Option<WantTemplate>,
    /// So many lines are known to be lost.
    pub suppressed: Option<u64>,
    /// Automatic restarts by unit.
    pub restarts: BTreeMap<String, u64>,
    /// So many records were read, none lost.
    pub records: Option<u64>,
    /// So many matches of these signatures.
    pub matched: BTreeMap<String, u64>,
    /// When the first incident began: how its time in the output begins.
    pub since: Option<String>,
    /// What was read covers no more than this time, in hours.
    pub hours: Option<f64>,
    /// When the file was last written, for forms without a year; only for `corpora/native/`.
    pub written: Option<String>,
    /// Why these labels do not hold today; the test fails as soon as they do. Only for `corpora/native/`.
    pub known_wrong: Option<String>,
    /// Words that must be nowhere in the output.
    pub forbid_text: Vec<String>,
    /// Forms (or groups of forms) that cannot carry the incident, with the reason.
    pub skip_forms: BTreeMap<String, String>,
}

/// A finding like this; lists are alternatives.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Want {
    /// The word of the finding.
    #[serde(default)]
    pub finding: Vec<String>,
    /// The class.
    #[serde(default)]
    pub class: Vec<String>,
    /// The severity.
    #[serde(default)]
    pub severity: Vec<String>,
    /// Part of the unit's name.
    pub unit: Option<String>,
}

/// An incident like this.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantIncident {
    /// Part of the name of the unit in which it began.
    pub unit: String,
    /// One of these is in the root cause.
    pub root: Vec<String>,
}

/// A template like this.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantTemplate {
    /// Part of the template.
    pub contains: String,
    /// How many lines it has.
    pub count: u64,
}

impl Expect {
    /// Reads the labels for a form: `[form.NAME]` and `[form.GROUP]` replace keys of the whole. The error is for people.
    pub fn read(text: &str, form: &Form) -> Result<Expect, String> {
        let mut table: toml::Table = text.parse().map_err(|e| format!("expect.toml: {e}"))?;
        let forms = table.remove("form");
        for key in [form.group, form.name] {
            let Some(own) = forms.as_ref().and_then(|forms| forms.get(key)) else { continue };
            let own = own.as_table().ok_or_else(|| format!("expect.toml: expected a table form.{key}"))?;
            table.extend(own.clone());
        }
        let expect: Expect = table.try_into().map_err(|e| format!("expect.toml: {e}"))?;
        if expect.severity.is_empty() {
            return Err("expect.toml: expected a severity, found none".to_owned());
        }
        Ok(expect)
    }

    /// Why this form is left out, if it is.
    pub fn skipped(&self, form: &Form) -> Option<&str> {
        self.skip_forms.get(form.name).or_else(|| self.skip_forms.get(form.group)).map(String::as_str)
    }

    /// Nothing is wrong in this incident.
    pub fn is_healthy(&self) -> bool {
        self.severity == ["healthy"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_replaces_what_it_cannot_carry() {
        let text = "severity = [\"down\"]\nroot = [\"disk\"]\n[form.container]\nseverity = [\"degraded\"]\n[form.cri]\nroot = []\n";
        let docker = Expect::read(text, Form::named("docker")).unwrap();
        assert_eq!((docker.severity, docker.root), (vec!["degraded".to_owned()], vec!["disk".to_owned()]));
        assert_eq!(Expect::read(text, Form::named("cri")).unwrap().root.len(), 0);
        assert_eq!(Expect::read(text, Form::named("short")).unwrap().severity, ["down"]);
    }

    #[test]
    fn a_mistake_in_a_label_is_told() {
        assert!(Expect::read("severity = [\"down\"]\nmsut = []", Form::named("short")).unwrap_err().contains("msut"));
        assert!(Expect::read("", Form::named("short")).is_err());
    }
}
