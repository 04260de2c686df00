//! What the tests share: the incidents of corpora/, their forms, their labels, and how the program is run.

pub mod drive;
pub mod expect;
pub mod forms;
pub mod incidents;
pub mod journal;
pub mod judge;
pub mod program;
