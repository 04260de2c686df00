//! What comes back is told with how often it came and when last, as far as the logs go back.

use logtriage::{Pipeline, rules};
use serde_json::{Value, json};

fn incidents(log: &str) -> Vec<Value> {
    let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).zone(jiff::tz::TimeZone::UTC);
    let diagnosis = pipeline.build().expect("the built-in packs").diagnose_bytes("app.log", log.as_bytes());
    let told = serde_json::to_value(&diagnosis).expect("JSON");
    told["incidents"].as_array().cloned().unwrap_or_default()
}

fn locked(day: u32, hour: u32) -> String {
    let line = |s| {
        format!(
            "2026-05-{day:02}T{hour:02}:10:{s:02}Z app[7]: ERROR sqlalchemy.exc.OperationalError: \
             (sqlite3.OperationalError) database is locked\n"
        )
    };
    (0..4).map(line).collect()
}

/// What a pack's detector finds, on another day.
fn flapping(day: u32) -> String {
    let (_, case) =
        rules::builtin_cases().iter().find(|(name, _)| *name == "nats-flapping.case").expect("a built-in case");
    let first: String = case.chars().take("2026-05-11".len()).collect();
    case.replace(&first, &format!("2026-05-{day:02}"))
}

#[test]
fn what_comes_every_night_is_told_as_such() {
    let [one] = &incidents(&[locked(9, 23), locked(10, 23), locked(11, 23)].concat())[..] else {
        panic!("one incident")
    };
    let past = &one["recurring"];
    assert_eq!((&past["times"], &past["first"]), (&json!(3), &json!("2026-05-09T23:10:00Z")));
    assert_eq!(past["last"], "2026-05-10T23:10:03Z");
    assert!(past["advice"].as_str().is_some_and(|advice| advice.len() > 20), "{past}");
}

#[test]
fn what_goes_on_without_a_pause_is_one_time() {
    let hours: String = (0..12).map(|n| locked(9, n) + &locked(9, n).replace(":10:", ":50:")).collect();
    let told = incidents(&hours);
    assert_eq!((told.len(), &told[0]["recurring"]), (1, &Value::Null));
    assert_eq!(incidents(&locked(9, 23))[0]["recurring"], Value::Null);
}

#[test]
fn incidents_apart_from_each_other_are_counted_in_their_order() {
    let mut told = incidents(&[flapping(9), flapping(10), flapping(11)].concat());
    told.sort_by_key(|incident| incident["first_seen"].to_string());
    let times: Vec<&Value> = told.iter().map(|incident| &incident["recurring"]["times"]).collect();
    assert_eq!(times, [&Value::Null, &json!(2), &json!(3)], "{told:#?}");
    assert_eq!(told[2]["recurring"]["first"], told[0]["first_seen"]);
    assert_eq!(told[2]["recurring"]["last"], told[1]["last_seen"]);
}
