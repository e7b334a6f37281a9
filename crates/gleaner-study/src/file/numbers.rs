//! Numbers of a sweep: one, a list, or a range.

use toml::Value;

/// Reads `3`, `[1, 2, 4]`, or `{ from = 0.82, to = 0.99, step = 0.01 }`. A range includes both ends, its
/// default step is 1, and its values are rounded to six decimals.
pub(super) fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    let found = match value {
        Value::Array(list) => list.iter().map(number).collect::<Result<Vec<f64>, String>>()?,
        Value::Table(range) => {
            let end = |key: &str| {
                let value = range.get(key).ok_or_else(|| format!("a range needs `{key}`"))?;
                number(value)
            };
            if let Some(key) = range.keys().find(|k| !["from", "to", "step"].contains(&k.as_str()))
            {
                return Err(format!("unknown key `{key}` in a range of `from`, `to` and `step`"));
            }
            let (from, to) = (end("from")?, end("to")?);
            let step = range.get("step").map_or(Ok(1.0), number)?;
            if !(step > 0.0 && to >= from && (to - from) / step < 1e4) {
                return Err("the range has no numbers or too many".into());
            }
            let count = ((to - from) / step + 1e-6).floor() as usize;
            (0..=count).map(|i| ((from + i as f64 * step) * 1e6).round() / 1e6).collect()
        }
        other => vec![number(other)?],
    };
    match found.is_empty() {
        true => Err("the list is empty".into()),
        false => Ok(found),
    }
}

fn number(value: &Value) -> Result<f64, String> {
    match value {
        Value::Integer(i) => Ok(*i as f64),
        Value::Float(x) if x.is_finite() => Ok(*x),
        Value::Float(_) => Err("expected a finite number".into()),
        other => Err(format!("expected a number, found a value of type {}", other.type_str())),
    }
}

/// Reads whole numbers of 1 or more.
pub(super) fn counts(value: &Value) -> Result<Vec<u32>, String> {
    let whole = |x: f64| match x.fract() == 0.0 && (1.0..=1e6).contains(&x) {
        true => Ok(x as u32),
        false => Err(format!("{x} is not a whole number from 1 to 1000000")),
    };
    numbers(value)?.into_iter().map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<f64>, String> {
        let table: toml::Table = toml::from_str(&format!("x = {text}")).unwrap();
        numbers(&table["x"])
    }

    #[test]
    fn ranges_include_both_ends_and_round_numbers() {
        let sweep = read("{ from = 0.82, to = 0.99, step = 0.01 }").unwrap();
        assert_eq!((sweep.len(), sweep[1], sweep[17]), (18, 0.83, 0.99));
        assert_eq!(read("{ from = 1, to = 23 }").unwrap().len(), 23);
        assert_eq!(read("[1, 2, 4]").unwrap(), [1.0, 2.0, 4.0]);
        assert_eq!(read("0.9").unwrap(), [0.9]);
    }

    #[test]
    fn a_malformed_sweep_is_an_error() {
        for (text, says) in [
            ("[]", "the list is empty"),
            ("\"1..3\"", "found a value of type string"),
            ("{ from = 2, to = 1 }", "no numbers or too many"),
            ("{ from = 2 }", "needs `to`"),
            ("{ from = 1, to = 2, steps = 1 }", "unknown key `steps`"),
            ("nan", "finite"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        let table: toml::Table = toml::from_str("x = [1, 1.5]").unwrap();
        assert!(counts(&table["x"]).unwrap_err().contains("1.5 is not a whole number"));
    }
}
