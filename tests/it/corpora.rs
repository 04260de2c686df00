//! Every incident of corpora/ in every form, through every driver, held against its labels and against itself.
//! `INCIDENT=name cargo test --test it corpora` runs those whose name contains `name`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::forms::{FORMS, Form};
use crate::support::incidents::{self, Incident};
use crate::support::judge::{differences, first_difference, judge, misplaced, without_names};
use crate::support::{drive, forms};

/// Forms that are also dripped and cut into parts: one of each kind of reader is enough there.
const DRIVEN: &[&str] = &["journal.json", "journal.export", "short-iso"];

/// Where a file of corpora/ comes from must be known, and a newcomer must be able to make another.
#[test]
fn every_incident_has_its_labels_and_its_origin() {
    let incidents = incidents::all();
    for incident in &incidents {
        let folder = incidents::folder().join(&incident.name);
        let origin = fs::read_to_string(folder.join("ORIGIN.md")).expect("ORIGIN.md");
        assert!(origin.len() > 80, "{}: ORIGIN.md says nothing", incident.name);
        let size = fs::metadata(folder.join("journal.json")).expect("journal.json").len();
        assert!(size < 400_000, "{}: {size} bytes", incident.name);
        for form in FORMS {
            let expect = incident.expect(form);
            let known = |name: &String| FORMS.iter().any(|f| f.name == name || f.group == name);
            let wrong: Vec<&String> = expect.skip_forms.keys().filter(|name| !known(name)).collect();
            assert!(wrong.is_empty(), "{}: no such forms: {wrong:?}", incident.name);
            assert!(expect.known_wrong.is_none() && expect.written.is_none(), "{}: only in native/", incident.name);
        }
    }
    if std::env::var_os("INCIDENT").is_none() {
        let healthy = incidents.iter().filter(|i| i.expect(Form::named("journal.json")).is_healthy()).count();
        assert!(incidents.len() >= 16 && healthy >= 5, "{} incidents, {healthy} healthy", incidents.len());
    }
}

#[test]
fn made_up_incidents_come_out_byte_for_byte() {
    for (name, _) in crate::generator::scenes::ALL {
        let text = crate::generator::scenes::play(name).expect("a scene");
        let file = incidents::folder().join(name).join("journal.json");
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(text == committed, "{}: run cargo run --example make-corpora", file.display());
    }
}

#[test]
fn recorded_incidents_name_no_machine() {
    for incident in incidents::all() {
        for entry in &incident.entries {
            for field in ["_CMDLINE", "_SYSTEMD_CGROUP", "_CAP_EFFECTIVE"] {
                assert!(entry.field(field).is_none(), "{}: {field}", incident.name);
            }
            let message = String::from_utf8_lossy(&entry.message);
            let lab = ["systemd-lab", "lab.target", "lab-out"].iter().any(|word| message.contains(word));
            assert!(!lab, "{}: {message}", incident.name);
        }
    }
}

#[test]
fn every_form_of_every_incident_is_judged_right() {
    let all = drive::each(&incidents::all(), |incident| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lines = Vec::new();
        let mut journal = None;
        for form in FORMS {
            let expect = incident.expect(form);
            if expect.skipped(form).is_some() {
                continue;
            }
            let path = form.write(&incident.entries, folder.path());
            let outcome = match drive::file(&path) {
                Ok(outcome) => outcome,
                Err(why) => {
                    lines.push(wrong(incident, form, "file", &why));
                    continue;
                }
            };
            let mut told = judge(&outcome.diagnosis, &outcome.raw, &expect, form);
            told.extend(misplaced(&outcome.diagnosis));
            for why in told {
                lines.push(wrong(incident, form, "file", &why));
            }
            // law: the same incident in another form gives the same findings
            match &journal {
                None if form.name == "journal.json" => journal = Some(outcome.diagnosis),
                Some(journal) if form.life_cycle && form.units => {
                    let differ = differences(journal, &outcome.diagnosis);
                    lines.extend(differ.iter().map(|why| wrong(incident, form, "law of form", why)));
                }
                _ => {}
            }
        }
        lines
    });
    tell(&all);
}

#[test]
fn a_pipe_fed_in_small_pieces_says_the_same() {
    tell(&compared("drip", drive::drip));
}

#[test]
fn three_parts_merged_say_the_same() {
    tell(&compared("three parts", drive::parts));
}

/// Runs the other driver, judges it, and compares the whole diagnosis with that of the plain file.
fn compared(driver: &'static str, other: fn(&Path) -> Result<drive::Outcome, String>) -> Vec<Wrong> {
    drive::each(&incidents::all(), |incident| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut lines = Vec::new();
        for form in DRIVEN.iter().map(|name| forms::Form::named(name)) {
            let path = form.write(&incident.entries, folder.path());
            let (plain, other) = match (drive::file(&path), other(&path)) {
                (Ok(plain), Ok(other)) => (plain.diagnosis, other.diagnosis),
                (Err(why), _) | (_, Err(why)) => {
                    lines.push(wrong(incident, form, driver, &why));
                    continue;
                }
            };
            let differ = first_difference(&without_names(&plain), &without_names(&other));
            lines.extend(differ.map(|why| wrong(incident, form, driver, &why)));
        }
        lines
    })
}

/// One thing that is wrong.
struct Wrong {
    incident: String,
    driver: &'static str,
    form: &'static str,
    why: String,
}

fn wrong(incident: &Incident, form: &Form, driver: &'static str, why: &str) -> Wrong {
    Wrong { incident: incident.name.clone(), driver, form: form.name, why: why.to_owned() }
}

/// Fails with the table of all that is wrong: what is wrong in several forms is one row.
fn tell(wrong: &[Wrong]) {
    let mut rows: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for one in wrong {
        rows.entry((&one.incident, one.driver, &one.why)).or_default().push(one.form);
    }
    let row = |((incident, driver, why), forms): (&(&str, &str, &str), &Vec<&str>)| {
        format!("{incident:24} {driver:11} {why}\n{:36} in {}", "", forms.join(" "))
    };
    let table: Vec<String> = rows.iter().map(row).collect();
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), table.join("\n"));
}
