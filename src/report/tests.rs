//! Samples, snapshots and laws of the report.
