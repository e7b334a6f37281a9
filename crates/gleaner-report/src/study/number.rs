//! Numbers and words as text: fixed decimals, a dash for unknown numbers.

pub(crate) use crate::number::counted;

/// Shown instead of an unknown number.
pub(crate) const DASH: &str = "–";

/// Numbers from here on are written with a power of ten.
const LARGE: f64 = 1e7;

/// The number with this many decimals and a true minus sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    let text = if value.abs() < LARGE {
        format!("{value:.decimals$}")
    } else {
        format!("{value:.decimals$e}")
    };
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// As [`fixed`], with a plus sign before positive numbers.
pub(crate) fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if value.is_finite() && value > 0.0 && !zero { format!("+{text}") } else { text }
}

/// A score between 0 and 1.
pub(crate) fn score(value: f64) -> String {
    fixed(value, 3)
}

/// A share in per cent. A no-break space keeps number and sign together.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return DASH.to_owned();
    }
    format!("{}\u{a0}%", fixed(100.0 * part as f64 / whole as f64, 0))
}

/// The text with a capital first letter.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A pair of source and target for readers; a single name where a language learns from its own text.
pub(crate) fn pair_name((source, target): (&str, &str)) -> String {
    match source == target {
        true => target.to_owned(),
        false => format!("{source} → {target}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_decimals_are_fixed() {
        assert_eq!([1.0, -2.345, 0.0].map(|value| fixed(value, 2)), ["1.00", "−2.35", "0.00"]);
        assert_eq!(
            [1.25, -1.25, 0.001, -0.001].map(|value| signed(value, 1)),
            ["+1.2", "−1.2", "0.0", "0.0"]
        );
        assert_eq!(fixed(-1.5e300, 1), "−1.5e300");
    }

    #[test]
    fn unknown_numbers_are_a_dash() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!([fixed(value, 2), signed(value, 2), score(value)], [DASH; 3]);
        }
        assert_eq!([percent(0, 0), percent(2, 3)], [DASH, "67\u{a0}%"]);
    }
}
