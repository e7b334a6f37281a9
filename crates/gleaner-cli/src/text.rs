//! Durations, sizes, findings and warnings as text.

use gleaner_corpus::{Finding, Warning};
pub use gleaner_report::grouped;
use serde_json::Value;
use std::time::Duration;

/// A duration as text: `4.2 s`, `3 min 5 s`, `1 h 20 min`.
pub fn duration(d: Duration) -> String {
    /// What takes longer is not worth a number.
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    let s = d.as_secs();
    if d > LONGEST {
        return "more than 100 years".into();
    }
    match s {
        0..10 => format!("{:.1} s", d.as_secs_f64()),
        10..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// As [`duration`], of an estimate in seconds, which may be of any size.
pub fn seconds(s: f64) -> String {
    duration(Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX))
}

/// A place in a training: `epoch 3`, or `epoch 3 and 12 steps`.
pub fn place(epochs: u32, steps: usize) -> String {
    let s = if steps == 1 { "" } else { "s" };
    match (epochs, steps) {
        (_, 0) => format!("epoch {epochs}"),
        (0, _) => format!("{steps} step{s}"),
        _ => format!("epoch {epochs} and {steps} step{s}"),
    }
}

/// Bytes as MiB or GiB.
pub fn bytes(n: u64) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.0} MiB") } else { format!("{:.1} GiB", mib / 1024.0) }
}

/// A note that counts the findings of a text, if there are any.
pub fn oddities(findings: &[Finding]) -> Option<String> {
    let first = findings.first()?;
    let left_out = match Finding::skipped(findings) {
        0 => String::new(),
        n => format!(" (skipped sentences: {n})"),
    };
    let n = findings.len();
    Some(format!(
        "note: findings in the text: {n}{left_out}, the first: {first} (`gleaner data inspect --all` lists all)"
    ))
}

/// Warnings as objects: the kind with what it concerns, and the message.
pub fn warnings(warnings: &[Warning]) -> Vec<Value> {
    let object = |warning: &Warning| {
        let mut object = serde_json::to_value(warning).expect("warnings are plain data");
        object["message"] = warning.to_string().into();
        object
    };
    warnings.iter().map(object).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(duration(Duration::from_millis(4210)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 5 s");
        assert_eq!(duration(Duration::from_secs(4801)), "1 h 20 min");
        assert_eq!(bytes(3 << 29), "1.5 GiB");
    }
}
