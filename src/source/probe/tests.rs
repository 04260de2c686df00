//! Probes against a real machine of the test's own.
