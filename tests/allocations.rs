//! A record that nobody has to hear about costs no allocation: counted by an allocator that counts.
//!
//! A program of tests of its own, because the allocator is the whole program's. The same stretch of work is done with few
//! lines and with many; what the further lines allocate is what a record costs.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::PathBuf;

use logtriage::base::Stamp;
use logtriage::record::Format;
use logtriage::run::Worker;
use logtriage::{Pipeline, rules};

#[path = "../benches/corpus/mod.rs"]
#[allow(dead_code)]
mod corpus;

use corpus::{Recipe, Size};

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends has nothing to count any more.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes to the system's allocator as it came; counting touches a cell of the thread only, which needs
// no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promised us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised us.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promised us.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Lines of the short and of the long run. In the short one everything is learnt that comes again: who writes, and which
/// patterns are asked together.
const FEW: u64 = 11_000;
const MANY: u64 = 41_000;

/// Allocations that a hundred records may cost: what grows now and then by doubling, and no more.
const A_HUNDRED: u64 = 1;

#[test]
fn the_counter_counts() {
    let before = COUNT.get();
    let kept: Vec<Vec<u8>> = (0..100).map(|_| vec![1; 100]).collect();
    assert_eq!((COUNT.get() - before, kept.len()), (101, 100));
}

#[test]
fn healthy_records_of_the_fast_formats_cost_no_allocation() {
    let pipeline = Pipeline::builder().packs(rules::load(&[], true).packs).build().unwrap();
    let mut wrong = Vec::new();
    for (name, format) in [
        ("json", Format::JournalJson),
        ("export", Format::JournalExport),
        ("iso", Format::JournalShort),
        ("docker", Format::DockerJson),
        ("cri", Format::Cri),
        ("syslog3164", Format::Syslog3164),
    ] {
        let mut recipe = Recipe::named(name).unwrap();
        // What is decoded is decoded into buffers that stay: letters beyond ASCII and arrays are in it.
        recipe.failing = 0;
        let few = allocations(&pipeline, &recipe, format, FEW);
        let many = allocations(&pipeline, &recipe, format, MANY);
        let further = many.saturating_sub(few);
        println!("{name}: {few} for {FEW} records, {further} for {} more", MANY - FEW);
        if further * 100 > (MANY - FEW) * A_HUNDRED {
            wrong.push(format!("{name}: {further} allocations for {} records", MANY - FEW));
        }
    }
    assert!(wrong.is_empty(), "expected at most {A_HUNDRED} for a hundred records, found {}", wrong.join("; "));
}

/// What a worker allocates for so many healthy records.
fn allocations(pipeline: &Pipeline, recipe: &Recipe, format: Format, records: u64) -> u64 {
    let mut bytes = Vec::new();
    let made = corpus::write(recipe, Size::Records(records), &mut bytes).unwrap();
    assert_eq!((made.records, made.failing), (records, 0), "{}", recipe.name);
    let now = Stamp::from_micros(i64::try_from(made.last).unwrap()).unwrap();
    let unit = logtriage::record::unit_of_path(&PathBuf::from(recipe.file_name()));
    let source = pipeline.source(&recipe.name, unit.to_string(), now, &bytes, b"");
    assert_eq!(source.format, format, "{}", recipe.name);
    let before = COUNT.get();
    let mut worker = Worker::new(pipeline, source, 0);
    let done = worker.feed(&bytes, true);
    let segment = worker.finish();
    let counted = COUNT.get() - before;
    // Where a stretch begins, some wait to be joined.
    let seen = segment.records + segment.pieces.len() as u64;
    assert_eq!((done, seen, segment.events.len()), (bytes.len(), records, 0), "{}", recipe.name);
    counted
}
