//! Converting spans of characters to tags of words.

use gleaner_base::tags::is_entity_type;

use crate::error::Problem;
use crate::text;

/// A span of characters with its type.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Span {
    /// In Unicode scalar values, from 0.
    start: usize,
    /// The position after the last one.
    end: usize,
    #[serde(rename = "label", alias = "type")]
    entity_type: String,
}

/// Splits a text into words and returns them with their IOB2 tags. Spans must start and end at word
/// boundaries, and must not overlap.
pub(super) fn align(text: &str, spans: &[Span]) -> Result<(Vec<String>, Vec<String>), Problem> {
    let tokens = text::words(text, 0);
    let mut tags = vec!["O".to_owned(); tokens.len()];
    for span in spans {
        let bad = |reason: String| Problem::Span { start: span.start, end: span.end, reason };
        if !is_entity_type(&span.entity_type) || span.entity_type == "O" {
            return Err(bad(format!(
                "invalid entity type {:?}; use a name such as \"PER\"",
                span.entity_type
            )));
        }
        if span.start >= span.end {
            return Err(bad("is empty; the end must be greater than the start".to_owned()));
        }
        let first = tokens.binary_search_by_key(&span.start, |token| token.start);
        let last = tokens.binary_search_by_key(&span.end, |token| token.end);
        let (Ok(first), Ok(last)) = (first, last) else {
            let inside = |token: &&text::Token| token.start < span.end && token.end > span.start;
            let touched: Vec<&text::Token> = tokens.iter().filter(inside).collect();
            return Err(bad(match (touched.first(), touched.last()) {
                (Some(first), Some(last)) => format!(
                    "does not match word boundaries; extend it to {}..{}, or use `tokens` and `tags`",
                    first.start, last.end
                ),
                _ => "contains no word; offsets count Unicode scalar values from 0".to_owned(),
            }));
        };
        if tags[first..=last].iter().any(|tag| tag != "O") {
            return Err(bad("overlaps another span; remove one of them".to_owned()));
        }
        for (place, tag) in tags[first..=last].iter_mut().enumerate() {
            *tag = format!("{}-{}", if place == 0 { "B" } else { "I" }, span.entity_type);
        }
    }
    Ok((tokens.into_iter().map(|token| token.text).collect(), tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(text: &str, spans: &[(usize, usize, &str)]) -> Result<String, String> {
        let spans: Vec<Span> = spans
            .iter()
            .map(|&(start, end, label)| Span { start, end, entity_type: label.into() })
            .collect();
        align(text, &spans).map(|(_, tags)| tags.join(" ")).map_err(|problem| problem.to_string())
    }

    #[test]
    fn offsets_count_scalar_values() {
        assert_eq!(
            aligned("Çé 🦀 New York.", &[(5, 13, "LOC"), (0, 2, "PER")]).unwrap(),
            "B-PER O B-LOC I-LOC O"
        );
        assert_eq!(aligned("ab cd", &[(3, 5, "A"), (0, 2, "A")]).unwrap(), "B-A B-A");
    }

    #[test]
    fn spans_that_do_not_fit_are_errors() {
        let text = "New York now";
        insta::assert_snapshot!(aligned(text, &[(0, 5, "A")]).unwrap_err(), @"span 0..5: does not match word boundaries; extend it to 0..8, or use `tokens` and `tags`");
        insta::assert_snapshot!(aligned(text, &[(3, 4, "A")]).unwrap_err(), @"span 3..4: contains no word; offsets count Unicode scalar values from 0");
        insta::assert_snapshot!(aligned(text, &[(20, 30, "A")]).unwrap_err(), @"span 20..30: contains no word; offsets count Unicode scalar values from 0");
        insta::assert_snapshot!(aligned(text, &[(4, 4, "A")]).unwrap_err(), @"span 4..4: is empty; the end must be greater than the start");
        insta::assert_snapshot!(aligned(text, &[(0, 8, "A"), (4, 12, "B")]).unwrap_err(), @"span 4..12: overlaps another span; remove one of them");
        insta::assert_snapshot!(aligned(text, &[(0, 8, "O")]).unwrap_err(), @r#"span 0..8: invalid entity type "O"; use a name such as "PER""#);
    }
}
