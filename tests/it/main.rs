//! The tests that run the whole program.

mod bad_input;
mod cases;
mod classify;
mod cli;
mod corpora;
mod house;
mod lab;
mod laws;
mod live;
mod llm;
mod memory;
mod native;
mod numbers;
mod opsbench;
mod probe;
mod readme;
mod recurrence;
mod reports;
mod rules;
mod runbooks;
mod support;

/// The generator of the made-up incidents, the same code as the example.
#[path = "../../examples/make-corpora"]
mod generator {
    pub mod journal;
    pub mod prng;
    pub mod scenes;
    pub mod words;
}
