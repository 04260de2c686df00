//! Whole reports over made-up papers.
