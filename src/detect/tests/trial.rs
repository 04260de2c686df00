//! One detector on trial, for the tests of its kind: events written in a line each, findings told in a line each.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::base::{Certainty, Number, Place, SourceId, Span, Stamp};
use crate::rules;
use crate::scan::{Capture, Event, Plan};

use crate::detect::Finding;
use crate::detect::board::Board;
use crate::detect::rules::Rules;

/// What events can be; none of them is a failure by itself.
const WORDS: [&str; 8] = ["bad", "good", "up", "down", "beat", "open", "close", "stop"];

/// A plan with one detector.
pub(in crate::detect) struct Trial {
    pub(in crate::detect) plan: Plan,
    /// What second 0 of the events is.
    pub(in crate::detect) base: Stamp,
}

impl Trial {
    /// A detector with these keys, beside those that every detector has.
    pub(in crate::detect) fn new(keys: &str) -> Trial {
        let mut pack = "[pack]\nname = \"t\"\ntitle = \"test\"\nversion = 1\n".to_owned();
        for word in WORDS {
            pack += &format!(
                "[[signature]]\nid = \"{word}\"\nclass = \"network\"\nseverity = \"info\"\n\
                 regex = ['it is {word}(?P<role>)(?P<state>)(?P<v>)(?P<user>)']\ncause = \"x\"\n\
                 sample = [\"it is {word}\"]\nnot = [\"it\"]\n"
            );
        }
        pack += &format!("[[detector]]\nid = \"d\"\ncause = \"x\"\nfix = [{{ text = \"x\" }}]\n{keys}\n");
        for (key, value) in [("severity", "degraded"), ("finding", "failure")] {
            if !keys.contains(&format!("{key} =")) {
                pack += &format!("{key} = \"{value}\"\n");
            }
        }
        let pack = rules::parse("t.toml", &pack).unwrap_or_else(|problems| panic!("{problems:#?}"));
        Trial { plan: Plan::new(vec![pack]).expect("a plan"), base: Stamp(1_800_000_000_000_000_000) }
    }

    /// So many seconds after the base.
    pub(in crate::detect) fn at(&self, seconds: f64) -> Stamp {
        Stamp(self.base.0 + (seconds * 1e9).round() as i64)
    }

    /// An event: `seconds unit word[+word...] [name=value...] [untimed]`.
    pub(in crate::detect) fn event(&self, line: &str, offset: u64) -> Event {
        let mut parts = line.split_whitespace();
        let mut next = || parts.next().unwrap_or_else(|| panic!("'{line}' is too short"));
        let time = self.at(next().parse().expect("seconds"));
        let (unit, words) = (next(), next());
        let index = |word: &str| {
            let id = format!("t/{word}");
            let at = self.plan.signatures().position(|s| s.id == id);
            at.unwrap_or_else(|| panic!("no signature {id}")) as u32
        };
        let hits = words.split('+').map(index).collect();
        let (mut captures, mut certainty) = (Vec::new(), Certainty::Exact);
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) => captures.push(Capture { name: name.into(), value: value.into() }),
                None => certainty = Certainty::None,
            }
        }
        Event {
            time,
            certainty,
            place: Place { source: SourceId(1), offset },
            unit: unit.into(),
            host: "".into(),
            invocation: "".into(),
            pid: None,
            level: None,
            calm: false,
            hits,
            captures,
            text: line.into(),
            cursor: "".into(),
            before: Vec::new(),
            before_open: false,
        }
    }

    /// The board after these lines, in the order in which they stand, and nothing else until `end`. The detector is also
    /// asked at each moment of `looks`, once all events up to it were seen.
    pub(in crate::detect) fn board(&self, log: &[String], end: f64, looks: &[f64]) -> Board {
        let (mut rules, mut board) = (Rules::new(&self.plan), Board::default());
        let mut looks: Vec<Stamp> = looks.iter().map(|at| self.at(*at)).collect();
        looks.sort_unstable();
        looks.reverse();
        for (offset, line) in (1..).zip(log) {
            let event = self.event(line, offset);
            while let Some(look) = looks.pop_if(|look| *look <= event.time) {
                rules.advance(look, &mut board);
            }
            rules.observe(&self.plan, &event, &mut board);
        }
        let end = self.at(end);
        looks.into_iter().rev().filter(|look| *look < end).for_each(|look| rules.advance(look, &mut board));
        rules.advance(end, &mut board);
        board
    }

    /// The findings after these lines, one event each.
    pub(in crate::detect) fn findings(&self, log: &str, end: f64) -> Vec<Finding> {
        self.board(&lines(log), end, &[]).findings().to_vec()
    }

    /// The same in words.
    pub(in crate::detect) fn tell(&self, log: &str, end: f64) -> Vec<String> {
        self.told(&self.board(&lines(log), end, &[]))
    }

    /// Each finding as `key first-last open|over@time xCOUNT value`, with `DOWN` when it is; times in seconds.
    pub(in crate::detect) fn told(&self, board: &Board) -> Vec<String> {
        board.findings().iter().map(|finding| self.line(finding)).collect()
    }

    fn line(&self, f: &Finding) -> String {
        let seconds = |at: Stamp| Number((at.0 - self.base.0) / 1_000);
        let key: Vec<&str> = f.key.values().map(String::as_str).collect();
        let state = f.resolved.map_or("open".to_owned(), |at| format!("over@{}", seconds(at)));
        let value = f.value.map_or("-".to_owned(), |value| value.to_string());
        let down = if f.severity == crate::base::Severity::Down { " DOWN" } else { "" };
        let (first, last) = (seconds(f.first_seen), seconds(f.last_seen));
        format!("{} {first}-{last} {state} x{} {value}{down}", key.join("/"), f.count)
    }
}

/// The lines of a log; `;` parts them, too.
pub(in crate::detect) fn lines(log: &str) -> Vec<String> {
    log.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A row of a table of cases: the log, its end, what is told.
pub(in crate::detect) type Case<'a> = (&'a str, f64, &'a [&'a str]);

/// Each case as it stands, and again over midnight, over the change of daylight time in Europe, and over the turn of the
/// year: a moment is a moment.
pub(in crate::detect) fn check(keys: &str, cases: &[Case<'_>]) {
    let mut trial = Trial::new(keys);
    for base in ["2026-11-21T12:00:00Z", "2026-11-21T23:59:50Z", "2026-10-25T00:59:50Z", "2026-12-31T23:59:50Z"] {
        trial.base = Stamp::from_jiff(base.parse().expect("a time")).expect("in range");
        for (log, end, told) in cases {
            assert_eq!(trial.tell(log, *end), *told, "{keys}\n{log}\nuntil {end} from {base}");
        }
    }
}

/// A step of a made-up schedule: seconds since the one before, key, and what it is.
pub(in crate::detect) type Step = (u8, u8, u8);

/// Many small gaps, and now and then one of about ten minutes: where a rule has no window, what comes back within that
/// time is the same finding.
pub(in crate::detect) fn steps(keys: u8, words: u8) -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![12 => 0u8..9, 1 => LONG_FROM..=u8::MAX];
    proptest::collection::vec((gap, 0..keys, 0..words), 0..60)
}

/// From this gap on it is about ten minutes: 590 seconds and more.
const LONG_FROM: u8 = 206;

/// Moments at which somebody looks: half seconds at first, then seconds.
pub(in crate::detect) fn looks() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(prop_oneof![0u16..HALVES, HALVES..20_000], 0..20)
}

/// Of the moments at which somebody looks, those below this are half seconds.
const HALVES: u16 = 600;

/// Steps as lines: the times in whole seconds, the keys `a`, `b`, ..., the rest as `say` says.
pub(in crate::detect) fn schedule(steps: &[Step], say: impl Fn(u8) -> String) -> Vec<(i64, String, String)> {
    let mut now = 0;
    let step = |(gap, key, what): &Step| {
        now += if *gap < LONG_FROM { i64::from(*gap) } else { 590 + i64::from(gap - LONG_FROM) };
        (now, char::from(b'a' + key).to_string(), say(*what))
    };
    steps.iter().map(step).collect()
}

/// What the detector says of the schedule, when it is looked at now and then, sorted; the same whenever it is looked at.
pub(in crate::detect) fn judged(
    trial: &Trial,
    steps: &[(i64, String, String)],
    end: i64,
    looks: &[u16],
) -> Vec<String> {
    let log: Vec<String> = steps.iter().map(|(at, key, what)| format!("{at} {key} {what}")).collect();
    let seconds = |at: u16| if at < HALVES { f64::from(at) / 2.0 } else { f64::from(at) };
    let looks: Vec<f64> = looks.iter().map(|at| seconds(*at)).collect();
    let board = trial.board(&log, end as f64, &looks);
    let never = trial.board(&log, end as f64, &[]);
    assert_eq!(board.findings(), never.findings(), "it makes no difference when it is looked at");
    for finding in board.findings() {
        let times: Vec<_> = finding.evidence.iter().map(|e| (e.time, e.place)).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(finding.first_seen <= finding.last_seen && finding.resolved.is_none_or(|at| at >= finding.first_seen));
    }
    let mut told = trial.told(&board);
    told.sort();
    told
}

/// The moments of each key, for slow models.
pub(in crate::detect) fn by_key(steps: &[(i64, String, String)]) -> BTreeMap<&str, Vec<(i64, &str)>> {
    let mut all: BTreeMap<&str, Vec<(i64, &str)>> = BTreeMap::new();
    for (at, key, what) in steps {
        all.entry(key).or_default().push((*at, what));
    }
    all
}

/// More keys are offered than there is room for: the latest are kept, and what was dropped is told. `word` is what each of
/// them says.
pub(in crate::detect) fn flood(keys: &str, word: &str, offered: u64) {
    let trial = Trial::new(keys);
    let (mut rules, mut board) = (Rules::new(&trial.plan), Board::default());
    let mut event = trial.event(&format!("0 u {word}"), 0);
    for n in 0..offered {
        event.unit = format!("u{n}").into();
        event.place.offset = n;
        event.time = event.time.plus(Span::millis(1));
        rules.observe(&trial.plan, &event, &mut board);
    }
    let dropped = board.dropped().get("keys of t/d").copied().unwrap_or(0);
    assert_eq!(dropped, offered - crate::detect::keys::MOST_KEYS as u64, "{word}");
}
