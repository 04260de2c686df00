//! The tables against the programs that they stand for, and the fast way against the slow one.

use super::*;
use crate::rules::{builtin_classifiers, parse_classifier};

fn table(name: &str) -> ClassTable {
    let (file, text) = builtin_classifiers().iter().find(|(file, _)| *file == format!("{name}.toml")).unwrap();
    parse_classifier(file, text).unwrap()
}

fn plan(name: &str, order: &str) -> ClassPlan {
    ClassPlan::new(table(name), Some(order)).unwrap()
}

/// The words of the function that `operations-center` stands for, written down once more.
const WORDS: &[(&str, &[&str])] = &[
    ("oom", &["out of memory", "cannot allocate memory", "killed", "oom", "memory allocation failed"]),
    ("timeout", &["timed out", "timeout", "operation timed out", "deadline exceeded"]),
    (
        "model_error",
        &[
            "internal server error",
            "service unavailable",
            "bad gateway",
            "overloaded",
            "too many requests",
            "rate_limit_error",
            "anthropic api error",
            "openai error",
        ],
    ),
    (
        "context_limit",
        &[
            "context window",
            "context length",
            "maximum context",
            "context_length_exceeded",
            "token limit",
            "exceeds the maximum",
            "too long for",
        ],
    ),
    (
        "dependency_missing",
        &[
            "modulenotfounderror",
            "importerror",
            "no module named",
            "cannot import name",
            "command not found",
            "npm err",
        ],
    ),
    ("VALIDATION", &[]),
    (
        "tool_failure",
        &["tool_error", "bash tool failed", "git tool failed", "permission denied", "read-only file system"],
    ),
    ("infra_tooling", &["api key not set", "authentication", "auth", "login required", "no such file or directory"]),
];

const QUOTA: &[&str] = &[
    "insufficient_quota",
    "you've exceeded your usage limit",
    "you have exceeded your usage limit",
    "you have run out of credits",
    "upgrade your plan",
    "payment required",
];

/// What a run leaves behind.
#[derive(Clone, Default)]
struct Run {
    stderr: String,
    stdout: String,
    violations: bool,
    validation_failed: bool,
    flaky: bool,
}

impl Run {
    fn outcome(&self) -> Outcome {
        let json = serde_json::json!({
            "stderr": self.stderr, "stdout": self.stdout, "exit_code": 1,
            "policy_violations": if self.violations { vec!["x"] } else { vec![] },
            "validation_passed": !self.validation_failed, "known_flaky": self.flaky,
        });
        let mut outcome = Outcome::default();
        assert!(outcome.read(json.to_string().as_bytes()));
        outcome
    }
}

/// The function itself: lower-cased text, first hit wins.
fn original(run: &Run, order: &str) -> &'static str {
    let text = run.stderr.to_lowercase();
    let asks = |text: &str| {
        let text = text.to_lowercase();
        text.find("<!--").is_some_and(|at| {
            let rest = text[at + 4..].trim_start();
            rest.strip_prefix("cp:question:").is_some_and(|rest| rest.find("-->").is_some_and(|end| end > 0))
        })
    };
    let question = asks(&run.stderr) || asks(&run.stdout);
    if run.violations {
        return "scope_policy";
    }
    if order == "code" && question {
        return "awaiting_input";
    }
    for (class, words) in WORDS {
        if *class == "VALIDATION" {
            if run.validation_failed {
                return if run.flaky { "flaky_test" } else { "validation_failure" };
            }
            if question {
                return "awaiting_input";
            }
        }
        if words.iter().any(|word| text.contains(word)) {
            return class;
        }
    }
    "unknown"
}

fn told(plan: &ClassPlan, hit: Option<&Hit>) -> String {
    let rule = hit.map(|hit| hit.rule).or(plan.table().otherwise());
    rule.and_then(|rule| plan.rule(rule)).map(|rule| rule.id.clone()).unwrap_or_default()
}

fn better(plan: &ClassPlan, text: &str) -> String {
    let mut outcome = Outcome::default();
    let case = if outcome.read(text.as_bytes()) { Case::Outcome(&outcome) } else { Case::Line(text.as_bytes()) };
    told(plan, plan.ask(case).better.as_ref())
}

fn exact(plan: &ClassPlan, text: &str) -> String {
    told(plan, plan.ask(Case::Line(text.as_bytes())).exact.as_ref())
}

const TRAPS: &[&str] = &[
    "",
    "room",
    "zoom bloom",
    "Author: x",
    "process group killed (timeout)",
    "pytest --timeout=30",
    "httpx.ConnectTimeout: api.anthropic.com",
    "HTTP 429",
    "<!-- cp:question: a or b? -->",
    "classification: flaky test",
    "OUT OF MEMORY",
    "\u{e4}\u{df}\n",
];

#[test]
fn exact_is_the_original_function() {
    let words: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
    let texts: Vec<&str> = words.iter().chain(QUOTA).chain(TRAPS).copied().collect();
    for order in ["runbook", "code"] {
        let plan = plan("operations-center", order);
        let mut cases = 0;
        for (i, first) in texts.iter().enumerate() {
            for (j, second) in texts.iter().enumerate() {
                // Every pair of texts, with the facts in turn.
                let facts = (i * 7 + j) % 12;
                let run = Run {
                    stderr: if j % 2 == 0 {
                        format!("{first} {second}")
                    } else {
                        format!("{}\n{second}", first.to_uppercase())
                    },
                    stdout: if facts == 5 { "<!-- CP:QUESTION: which\none? -->".into() } else { (*second).into() },
                    violations: facts == 1,
                    validation_failed: facts == 2 || facts == 3,
                    flaky: facts == 3 || facts == 4,
                };
                let outcome = run.outcome();
                let answer = plan.ask(Case::Outcome(&outcome));
                assert_eq!(told(&plan, answer.exact.as_ref()), original(&run, order), "{order}: {:?}", run.stderr);
                let (all, out) = (run.stderr.to_lowercase(), run.stdout.to_lowercase());
                let quota = QUOTA.iter().any(|word| all.contains(word) || out.contains(word));
                assert_eq!(answer.apart.is_some(), quota, "{order}: {:?}", run.stderr);
                cases += 1;
            }
        }
        assert!(cases > 2500);
    }
}

#[test]
fn every_substring_hits_alone_in_both_orders() {
    for order in ["runbook", "code"] {
        let plan = plan("operations-center", order);
        for (class, words) in WORDS {
            for word in *words {
                assert_eq!(exact(&plan, word), *class, "{order}: {word}");
                assert_eq!(exact(&plan, &format!("x{}x", word.to_uppercase())), *class, "{order}: {word}");
            }
        }
        let table = plan.table();
        for (class, words) in WORDS.iter().filter(|(_, words)| !words.is_empty()) {
            let rule = table.rules.iter().find(|rule| rule.id == *class).unwrap();
            assert_eq!(rule.exact, *words, "the file has the substrings of the original and no others");
        }
    }
}

#[test]
fn the_traps_of_the_original_and_what_is_better() {
    for order in ["runbook", "code"] {
        let plan = plan("operations-center", order);
        for (text, by_original, by_us) in [
            ("process group killed (timeout)", "oom", "timeout"),
            ("joined the room", "oom", "unknown"),
            ("zoom 2", "oom", "unknown"),
            ("in full bloom", "oom", "unknown"),
            ("author: Bob", "infra_tooling", "unknown"),
            ("authored by Bob", "infra_tooling", "unknown"),
            ("+ pytest --timeout=30", "timeout", "unknown"),
            ("+ pytest --timeout 30 tests", "timeout", "unknown"),
            ("httpx.ConnectTimeout calling https://api.anthropic.com/v1", "timeout", "model_error"),
            ("httpx.ConnectTimeout calling https://db.example.com/", "timeout", "timeout"),
            ("429 Too Many Requests", "model_error", "rate_limit"),
            ("rate_limit_error", "model_error", "rate_limit"),
            ("You have run out of credits", "unknown", "quota_exhausted"),
            ("You're out of extra usage \u{b7} resets 4:20am", "unknown", "quota_exhausted"),
            ("you've hit your limit", "unknown", "quota_exhausted"),
            ("usage limit reached", "unknown", "quota_exhausted"),
            ("quota exceeded", "unknown", "quota_exhausted"),
            ("insufficient quota", "unknown", "quota_exhausted"),
            ("payment required", "unknown", "quota_exhausted"),
            ("Claude Code error: None", "unknown", "unknown"),
            ("rate limit exceeded for bob - message dropped", "unknown", "unknown"),
            ("the command timed out after 5 s", "timeout", "timeout"),
            ("CUDA out of memory", "oom", "oom"),
            ("context window: 12% used", "context_limit", "unknown"),
            ("scope-policy violation", "unknown", "scope_policy"),
            ("validation failure", "unknown", "validation_failure"),
            ("infra/tooling", "unknown", "infra_tooling"),
            ("parse/config issue", "unknown", "parse_config"),
            ("context limit", "unknown", "context_limit"),
            ("dependency missing", "unknown", "dependency_missing"),
            ("flaky test", "unknown", "flaky_test"),
            ("unknown/manual attention", "unknown", "unknown"),
            ("{\"event\": \"x\", \"classification\": \"dependency_missing\"}", "unknown", "dependency_missing"),
            ("Blocked. blocked_classification: context limit", "unknown", "context_limit"),
        ] {
            assert_eq!(
                (exact(&plan, text).as_str(), better(&plan, text).as_str()),
                (by_original, by_us),
                "{order}: {text}"
            );
        }
    }
}

#[test]
fn the_orders_differ_where_a_question_and_a_failure_meet() {
    let result = r#"{"exit_code": 1, "stderr": "timed out", "stdout": "<!-- cp:question: go on? -->"}"#;
    for (order, class) in [("runbook", "timeout"), ("code", "awaiting_input")] {
        let plan = plan("operations-center", order);
        assert_eq!(better(&plan, result), class, "{order}");
        let mut outcome = Outcome::default();
        assert!(outcome.read(result.as_bytes()));
        assert_eq!(told(&plan, plan.ask(Case::Outcome(&outcome)).exact.as_ref()), class, "{order}");
    }
    assert!(ClassPlan::new(table("operations-center"), Some("alphabet")).is_err());
    assert_eq!(table("operations-center").orders[0].0, "runbook", "the default");
}

#[test]
fn raw_messages_of_skillomatic() {
    for (name, text, by_original, by_us) in [
        ("skillomatic-ats", "fetch failed", "NETWORK_ERROR", "NETWORK_ERROR"),
        ("skillomatic-ats", "ECONNREFUSED", "NETWORK_ERROR", "NETWORK_ERROR"),
        ("skillomatic-ats", "connection timed out", "NETWORK_ERROR", "ATS_TIMEOUT"),
        ("skillomatic-ats", "Request timeout", "ATS_TIMEOUT", "ATS_TIMEOUT"),
        ("skillomatic-ats", "401", "ATS_AUTH_FAILED", "ATS_AUTH_FAILED"),
        ("skillomatic-ats", "Forbidden", "ATS_AUTH_FAILED", "ATS_AUTH_FAILED"),
        ("skillomatic-ats", "429", "ATS_RATE_LIMITED", "ATS_RATE_LIMITED"),
        ("skillomatic-ats", "Not Found", "ATS_NOT_FOUND", "ATS_NOT_FOUND"),
        ("skillomatic-ats", "400 bad request", "ATS_INVALID_REQUEST", "ATS_INVALID_REQUEST"),
        ("skillomatic-ats", "took 1400 ms", "ATS_INVALID_REQUEST", "UNKNOWN_ERROR"),
        ("skillomatic-ats", "boom", "UNKNOWN_ERROR", "UNKNOWN_ERROR"),
        ("skillomatic-email", "401", "INTEGRATION_TOKEN_EXPIRED", "INTEGRATION_TOKEN_EXPIRED"),
        ("skillomatic-email", "forbidden", "INTEGRATION_OAUTH_FAILED", "INTEGRATION_OAUTH_FAILED"),
        ("skillomatic-email", "Rate limit", "LLM_RATE_LIMITED", "LLM_RATE_LIMITED"),
        ("skillomatic-email", "network", "NETWORK_ERROR", "UNKNOWN_ERROR"),
        ("skillomatic-email", "boom", "UNKNOWN_ERROR", "UNKNOWN_ERROR"),
        ("skillomatic-automation", "429", "LLM_RATE_LIMITED", "LLM_RATE_LIMITED"),
        ("skillomatic-automation", "timeout", "LLM_TIMEOUT", "LLM_TIMEOUT"),
        ("skillomatic-automation", "author", "LLM_AUTH_FAILED", "LLM_ERROR"),
        ("skillomatic-automation", "403", "LLM_AUTH_FAILED", "LLM_AUTH_FAILED"),
        ("skillomatic-automation", "not configured", "LLM_NOT_CONFIGURED", "LLM_NOT_CONFIGURED"),
        ("skillomatic-automation", "boom", "LLM_ERROR", "LLM_ERROR"),
        ("skillomatic-codes", "SCRAPE_BLOCKED", "UNKNOWN_ERROR", "SCRAPE_BLOCKED"),
        ("skillomatic-codes", "Failed: 8c2 - LLM_TIMEOUT: no answer", "UNKNOWN_ERROR", "LLM_TIMEOUT"),
    ] {
        let plan = plan(name, "code");
        assert_eq!((exact(&plan, text).as_str(), better(&plan, text).as_str()), (by_original, by_us), "{name}: {text}");
    }
}

#[test]
fn the_fast_way_is_the_slow_way() {
    let mut texts: Vec<String> = TRAPS.iter().map(|text| (*text).to_owned()).collect();
    for (file, text) in builtin_classifiers() {
        let table = parse_classifier(file, text).unwrap();
        for rule in &table.rules {
            texts.extend(rule.exact.iter().chain(&rule.words).chain(&rule.sample).chain(&rule.not).cloned());
        }
    }
    let joined: Vec<String> = texts.windows(3).step_by(2).map(|three| three.join(" | ")).collect();
    texts.extend(joined);
    for (file, text) in builtin_classifiers() {
        let table = parse_classifier(file, text).unwrap();
        for (order, _) in &table.orders {
            let fast = ClassPlan::new(table.clone(), Some(order)).unwrap();
            let slow = ClassPlan::new(table.clone(), Some(order)).unwrap().naive(true);
            for text in &texts {
                let mut outcome = Outcome::default();
                let case =
                    if outcome.read(text.as_bytes()) { Case::Outcome(&outcome) } else { Case::Line(text.as_bytes()) };
                assert_eq!(fast.ask(case), slow.ask(case), "{file} ({order}): {text}");
            }
        }
    }
}
