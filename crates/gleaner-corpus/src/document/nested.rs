//! Spans that contain or overlap each other.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::document::{Nested, Span};
use crate::error::Problem;

/// The spans to keep, in order and without overlaps, and the number of dropped ones. Equal spans count as one.
///
/// The outermost span is the longest one, the innermost the shortest; of two with the same length, it is the first.
/// Two types of the same characters are an error, because no rule chooses between them.
pub(super) fn resolve(mut spans: Vec<Span>, nested: Nested) -> Result<(Vec<Span>, usize), Problem> {
    spans.sort_by(|a, b| {
        let key = |span: &Span| (span.start, Reverse(span.end));
        key(a).cmp(&key(b)).then_with(|| a.entity_type.cmp(&b.entity_type))
    });
    spans.dedup();
    if let Some([one, other]) =
        spans.windows(2).find(|pair| (pair[0].start, pair[0].end) == (pair[1].start, pair[1].end))
    {
        return Err(bad(
            one,
            format!("has the types {} and {}; keep one", one.entity_type, other.entity_type),
        ));
    }
    if nested == Nested::Error {
        let mut before: Option<&Span> = None;
        for span in &spans {
            if let Some(other) = before.filter(|other| other.end > span.start) {
                return Err(bad(
                    span,
                    format!(
                        "overlaps the span {}..{}; remove one, or keep the outer or inner spans (--nested outermost or innermost)",
                        other.start, other.end
                    ),
                ));
            }
            before = Some(span);
        }
        return Ok((spans, 0));
    }
    let all = spans.len();
    // The sort is stable, so spans of the same length stay in order.
    match nested {
        Nested::Innermost => spans.sort_by_key(|span| span.end - span.start),
        Nested::Error | Nested::Outermost => {
            spans.sort_by_key(|span| Reverse(span.end - span.start))
        }
    }
    let mut kept: BTreeMap<usize, Span> = BTreeMap::new();
    for span in spans {
        let before = kept.range(..span.end).next_back();
        if before.is_none_or(|(_, other)| other.end <= span.start) {
            kept.insert(span.start, span);
        }
    }
    let dropped = all - kept.len();
    Ok((kept.into_values().collect(), dropped))
}

fn bad(span: &Span, reason: String) -> Problem {
    Problem::Span { start: span.start, end: span.end, reason }
}
