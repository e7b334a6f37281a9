//! Rows of CSV (RFC 4180), without line ends in cells.

use std::borrow::Cow;

/// Splits a row into its cells.
///
/// # Errors
/// A quoted cell does not end, or continues after its end: a clause with what to do.
///
/// ```
/// use gleaner_base::csv::cells;
///
/// assert_eq!(cells("Anna,\"1,5\",\"\"\"\"", ',').unwrap(), ["Anna", "1,5", "\""]);
/// ```
pub fn cells(row: &str, separator: char) -> Result<Vec<Cow<'_, str>>, &'static str> {
    let mut cells = Vec::new();
    let mut rest = row;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner)?,
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        cells.push(cell);
        match after.strip_prefix(separator) {
            Some(next) => rest = next,
            None if after.is_empty() => return Ok(cells),
            None => {
                return Err(
                    "a quoted cell continues after its end; double each quotation mark inside it",
                );
            }
        }
    }
}

/// The content of a quoted cell, and what follows it.
fn quoted(inner: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let mut from = 0;
    while let Some(found) = inner[from..].find('"') {
        let end = from + found;
        let after = &inner[end + 1..];
        if !after.starts_with('"') {
            let cell = &inner[..end];
            let cell = if from == 0 { cell.into() } else { cell.replace("\"\"", "\"").into() };
            return Ok((cell, after));
        }
        from = end + 2;
    }
    Err("a quoted cell does not end in its line; write a quotation mark as \"\"\"\"")
}

/// A cell as it is written between commas.
pub fn cell(content: &str) -> Cow<'_, str> {
    match content.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", content.replace('"', "\"\"")).into(),
        false => content.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_separators() {
        let split = |row: &str| cells(row, ',').map(|cells| cells.join("|"));
        assert_eq!(split("a,,c").unwrap(), "a||c");
        assert_eq!(split("").unwrap(), "");
        assert_eq!(split("\"\"\"\",\"a,b\",c\"d,").unwrap(), "\"|a,b|c\"d|");
        assert_eq!(split("\"\",x").unwrap(), "|x");
        assert!(split("\",x").is_err());
        assert!(split("\"a\"b,x").is_err());
        assert_eq!(cells("a;b,c", ';').unwrap(), ["a", "b,c"]);
        for content in ["", "a", "\"", "\"\"", "a,b", "\",\"", " a "] {
            let row = format!("{},{}", cell(content), cell(content));
            assert_eq!(split(&row).unwrap(), format!("{content}|{content}"));
        }
    }
}
