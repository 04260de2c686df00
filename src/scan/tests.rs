//! How well the whole of it works on logs by others and on labelled lines.

mod fast;
mod scores;
