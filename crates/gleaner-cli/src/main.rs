//! The command line of Gleaner.
fn main() {}
