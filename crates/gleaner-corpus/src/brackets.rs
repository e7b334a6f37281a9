//! Tags as brackets, as in the shared tasks CoNLL-2005 and CoNLL-2012 (OntoNotes): `(PERSON*`, `*`, `*)` and `(GPE)`.

use crate::error::Problem;

/// What a cell says about entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bracket<'a> {
    /// The type of the entity that starts here.
    opens: Option<&'a str>,
    /// Whether an entity ends here.
    closes: bool,
}

fn parse(cell: &str) -> Option<Bracket<'_>> {
    let (body, closes) = match cell.strip_suffix(')') {
        Some(body) => (body, true),
        None => (cell, false),
    };
    let Some(rest) = body.strip_prefix('(') else {
        return (body == "*").then_some(Bracket { opens: None, closes });
    };
    let (entity_type, star) = match rest.strip_suffix('*') {
        Some(entity_type) => (entity_type, true),
        None => (rest, false),
    };
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let named = entity_type.starts_with(char::is_alphabetic) && entity_type.chars().all(is_letter);
    (named && (star || closes)).then_some(Bracket { opens: Some(entity_type), closes })
}

/// Whether a cell is a bracket, or the star of a word without one.
pub(crate) fn is_bracket(cell: &str) -> bool {
    parse(cell).is_some()
}

/// The type of the entity that starts at a cell.
pub(crate) fn opened(cell: &str) -> Option<&str> {
    parse(cell)?.opens
}

/// The brackets of a sentence as IOB2 tags. The error has the position of the word, from 0.
pub(crate) fn to_iob2(cells: &[String]) -> Result<Vec<String>, (usize, Problem)> {
    let broken = |word: usize| (word, Problem::Bracket { tag: cells[word].clone() });
    let mut tags = Vec::with_capacity(cells.len());
    // The entity that is open, with its first word.
    let mut open: Option<(&str, usize)> = None;
    for (word, cell) in cells.iter().enumerate() {
        let Some(Bracket { opens, closes }) = parse(cell) else {
            return Err((word, Problem::UnknownTag { tag: cell.clone() }));
        };
        match (open, opens) {
            (Some(_), Some(_)) => return Err(broken(word)),
            (None, Some(entity_type)) => {
                open = Some((entity_type, word));
                tags.push(format!("B-{entity_type}"));
            }
            (Some((entity_type, _)), None) => tags.push(format!("I-{entity_type}")),
            (None, None) if closes => return Err(broken(word)),
            (None, None) => tags.push("O".to_owned()),
        }
        if closes {
            open = None;
        }
    }
    match open {
        Some((_, word)) => Err(broken(word)),
        None => Ok(tags),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let cells: Vec<String> = text.split(' ').map(str::to_owned).collect();
        match to_iob2(&cells) {
            Ok(tags) => Ok(tags.join(" ")),
            Err((word, problem)) => Err(format!("{word}: {problem}")),
        }
    }

    #[test]
    fn brackets_become_iob2() {
        assert_eq!(
            read("(PERSON* *) * (GPE) (A*) (B* * *)").unwrap(),
            "B-PERSON I-PERSON O B-GPE B-A B-B I-B I-B"
        );
        assert_eq!(opened("(WORK_OF_ART*"), Some("WORK_OF_ART"));
        for other in ["", "-", "(", "()", "(*", "(NP(NP*", "*))", "(0", "0)", "(1)", "B-PER", "(A"]
        {
            assert!(!is_bracket(other), "{other}");
        }
    }

    #[test]
    fn brackets_without_a_counterpart_are_errors() {
        insta::assert_snapshot!(read("(A* (B) *)").unwrap_err(), @r#"1: the bracket "(B)" lies in another one or lacks its counterpart in the sentence; write one pair of brackets for each entity"#);
        assert!(read("* *)").unwrap_err().starts_with("1: "));
        assert!(read("* (A* *").unwrap_err().starts_with("1: "));
    }
}
