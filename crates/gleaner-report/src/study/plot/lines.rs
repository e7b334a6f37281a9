//! Lines through points.

use maud::{Markup, html};

use super::drawing::px;

/// A line through the places in order, broken at unknown ones (NaN).
pub(crate) fn path(places: &[(f64, f64)], colour: &str, dash: &str) -> Markup {
    let mut data = String::new();
    let mut open = false;
    for (x, y) in places {
        let known = x.is_finite() && y.is_finite();
        if known {
            data += &format!("{}{} {}", if open { 'L' } else { 'M' }, px(*x), px(*y));
        }
        open = known;
    }
    html! {
        @if !data.is_empty() {
            path d=(data) fill="none" stroke=(colour) stroke-width="1.8" stroke-dasharray=(dash) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_unknown_numbers() {
        let places = [(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0)];
        let markup = path(&places, "red", "").into_string();
        assert!(markup.contains("d=\"M0.0 1.0L1.0 2.0M3.0 1.0\""), "{markup}");
        assert_eq!(path(&places[2..3], "red", "").into_string(), "");
    }
}
