//! Snapshots of each report in its three forms are made where they are filled, in `run/reports`; here are their laws.

use super::*;

#[test]
fn shares_are_rounded_down_but_never_to_nothing() {
    assert_eq!(share(12, 15), "12 of 15 (80 %)");
    assert_eq!(share(1, 1000), "1 of 1,000 (<1 %)");
    assert_eq!(share(999, 1000), "999 of 1,000 (99 %)");
    assert_eq!(share(0, 0), "0 of 0 (0 %)");
}

#[test]
fn json_holds_no_secret_and_no_escape() {
    #[derive(Serialize)]
    struct Leaky {
        api_token: &'static str,
        text: &'static str,
        n: u64,
    }
    impl Report for Leaky {
        fn sheet(&self) -> Sheet {
            Sheet::new("x")
        }
    }
    let leaky = Leaky { api_token: "hunter2", text: "\u{1b}[31mpassword=hunter3", n: 7 };
    let told = |redact| {
        let mut out = Vec::new();
        report_json(&leaky, redact, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(told(true), "{\"api_token\":\"[masked]\",\"text\":\"password=[masked]\",\"n\":7}\n");
    assert_eq!(told(false), "{\"api_token\":\"hunter2\",\"text\":\"password=hunter3\",\"n\":7}\n");
}
