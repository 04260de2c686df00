use super::*;
use crate::base::Certainty;
use crate::scan::Line;

fn event(time: Stamp, source: u64, offset: u64) -> Event {
    Event {
        time,
        certainty: Certainty::Exact,
        place: Place { source: SourceId(source), offset },
        unit: "api.service".into(),
        host: "".into(),
        invocation: "".into(),
        pid: None,
        level: None,
        calm: false,
        hits: vec![7],
        captures: Vec::new(),
        text: "connection refused ".repeat((offset % 40) as usize).into(),
        cursor: "".into(),
        before: Vec::new(),
        before_open: false,
    }
}

/// Two sources of which each begins with records without a time, out of order, in stretches.
fn events() -> Vec<Event> {
    (0..4000u64)
        .map(|n| {
            let (source, offset) = (n % 2, n / 2 * 10);
            let time = if n < 300 { Stamp::MIN } else { Stamp((n * 7919 % 1000) as i64) };
            event(time, source, offset)
        })
        .collect()
}

/// Packs them in small portions.
fn filled(budget: usize, events: &[Event]) -> Backlog {
    let mut backlog = Backlog::new(budget);
    for source in 0..2 {
        backlog.begin(Place { source: SourceId(source), offset: 0 });
    }
    let mut packed = Packed::default();
    for portion in events.chunks(17) {
        portion.iter().for_each(|event| packed.push(event).unwrap());
        backlog.take(&mut packed);
    }
    for (source, front) in [(0, Stamp(500)), (1, Stamp(20))] {
        backlog.set_front(Place { source: SourceId(source), offset: 0 }, front);
    }
    backlog
}

fn drained(backlog: Backlog) -> Vec<Event> {
    let mut all = Vec::new();
    backlog.drain(|event| all.push(event)).unwrap();
    all
}

#[test]
fn the_order_does_not_depend_on_how_much_fits_into_memory() {
    let mut expected = events();
    for event in expected.iter_mut().filter(|event| event.time == Stamp::MIN) {
        event.time = if event.place.source.0 == 0 { Stamp(500) } else { Stamp(20) };
    }
    expected.sort_by_key(Event::order);
    for budget in [0, 100, 5000, 100_000, 64 << 20] {
        let backlog = filled(budget, &events());
        let (peak, written) = backlog.account();
        assert_eq!(written > 0, budget < 1 << 20, "{budget}: {written} bytes written");
        // One piece more than the budget at most, and no piece is larger than the budget or the longest event.
        assert!(peak <= budget + budget.max(2000) + 2000, "{budget}: {peak} bytes held");
        assert_eq!(drained(backlog), expected, "{budget}");
    }
}

#[test]
fn many_events_are_held_in_a_megabyte() {
    let mut backlog = Backlog::new(1 << 20);
    let mut packed = Packed::default();
    for n in 0..100_000u64 {
        // Backwards, so that every run holds what comes before the one written first.
        packed.push(&event(Stamp(100_000 - n as i64), 1, n)).unwrap();
        if n % 1000 == 0 {
            backlog.take(&mut packed);
        }
    }
    backlog.take(&mut packed);
    let (peak, written) = backlog.account();
    assert!(peak < 3 << 20, "{peak} bytes held");
    assert!(written > 30 << 20, "{written} bytes written");
    let (mut count, mut last) = (0, Stamp::MIN);
    backlog
        .drain(|event| {
            assert!(last < event.time, "{last:?} before {:?}", event.time);
            last = event.time;
            count += 1;
        })
        .unwrap();
    assert_eq!(count, 100_000);
}

#[test]
fn lines_before_a_death_get_the_time_that_stands_in() {
    let line = |time| Line {
        time,
        place: Place { source: SourceId(0), offset: 3 },
        unit: "api".into(),
        cursor: "".into(),
        text: "last words".into(),
    };
    let mut death = event(Stamp(9), 0, 50);
    death.before = vec![line(Stamp::MIN), line(Stamp(8))];
    for budget in [0, 1 << 20] {
        let all = drained(filled(budget, std::slice::from_ref(&death)));
        let times: Vec<Stamp> = all[0].before.iter().map(|line| line.time).collect();
        assert_eq!(times, [Stamp(500), Stamp(8)], "{budget}");
    }
}

#[test]
fn a_file_that_lost_its_end_is_an_error_and_not_a_shorter_log() {
    let backlog = filled(0, &events());
    let file = backlog.file.as_ref().unwrap();
    file.set_len(backlog.written / 2).unwrap();
    let lost = backlog.drain(|_| {}).unwrap_err();
    assert!(lost.contains("cannot be read back"), "{lost}");
}

#[test]
fn without_room_for_a_file_nothing_is_lost() {
    let mut backlog = Backlog::new(0);
    backlog.trouble = Some("disk full".into());
    let mut packed = Packed::default();
    events().iter().for_each(|event| packed.push(event).unwrap());
    backlog.take(&mut packed);
    assert_eq!(backlog.account().1, 0);
    assert_eq!(drained(backlog).len(), 4000);
}
