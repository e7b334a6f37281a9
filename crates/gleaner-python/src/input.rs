//! Sentences and texts from Python's values.

use crate::failure::bad_text;
use gleaner::Sentence;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyIterator, PyString},
};

/// What a list of lists holds: words or tags.
#[derive(Clone, Copy)]
struct Kind {
    one: &'static str,
    many: &'static str,
}

const WORDS: Kind = Kind { one: "word", many: "words" };
const TAGS: Kind = Kind { one: "tag", many: "tags" };

/// Sentences of words, from any iterable of iterables of `str`.
pub fn sentences(given: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<String>>> {
    lists(given, "", WORDS)
}

/// Labelled sentences, from their words and their tags. `part` names them in errors.
pub fn labelled(
    words: &Bound<'_, PyAny>,
    tags: &Bound<'_, PyAny>,
    part: &str,
) -> PyResult<Vec<Sentence>> {
    let place = format!("{part}: ");
    let words = lists(words, &place, WORDS)?;
    let lists_of_tags = lists(tags, &place, TAGS)?;
    if words.len() != lists_of_tags.len() {
        let (n, m) = (words.len(), lists_of_tags.len());
        let what = format!("{n} sentences, but {m} lists of tags; give each sentence one list");
        return Err(bad_text(tags.py(), &(place + &what)));
    }
    let sentence = |(words, tags)| Sentence { words, tags, ..Sentence::default() };
    Ok(words.into_iter().zip(lists_of_tags).map(sentence).collect())
}

/// Texts, from a list of `str`.
pub fn texts(given: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let mut texts = Vec::new();
    for (number, text) in (1..).zip(given.try_iter()?) {
        texts.push(string(&text?, || format!("text {number}"))?);
    }
    Ok(texts)
}

fn lists(given: &Bound<'_, PyAny>, place: &str, kind: Kind) -> PyResult<Vec<Vec<String>>> {
    let Kind { one, many } = kind;
    let all = || format!("{place}expected a list of lists of {many}");
    let mut lists = Vec::new();
    for (number, list) in (1..).zip(elements(given, all)?) {
        let expected = || format!("{place}sentence {number}: expected a list of {many}");
        let list = list?;
        let mut strings = Vec::new();
        for (position, element) in (1..).zip(elements(&list, expected)?) {
            let place = || format!("{place}sentence {number}, {one} {position}");
            strings.push(string(&element?, place)?);
        }
        lists.push(strings);
    }
    Ok(lists)
}

/// The elements of an iterable. A string is one too, of its characters, which is never meant.
fn elements<'py>(
    given: &Bound<'py, PyAny>,
    expected: impl Fn() -> String,
) -> PyResult<Bound<'py, PyIterator>> {
    let py = given.py();
    let is_text = given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>();
    let refused =
        |fix: &str| bad_text(py, &format!("{}, found {}; {fix}", expected(), type_of(given)));
    if is_text {
        return Err(refused("cut it into words, or call the tagger with it"));
    }
    given.try_iter().map_err(|error| match error.is_instance_of::<PyTypeError>(py) {
        true => refused("give lists of str"),
        false => error,
    })
}

/// A string that Rust can hold. `place` starts an error.
fn string(given: &Bound<'_, PyAny>, place: impl Fn() -> String) -> PyResult<String> {
    let py = given.py();
    let Ok(text) = given.cast::<PyString>() else {
        let what = format!("{}: expected a str, found {}; convert it", place(), type_of(given));
        return Err(bad_text(py, &what));
    };
    // The only strings of Python that are not Unicode text.
    text.to_str().map(str::to_owned).map_err(|_| {
        let what = format!(
            "{}: half of a surrogate pair, which is not a character; decode the text again, with errors=\"replace\"",
            place()
        );
        bad_text(py, &what)
    })
}

/// The name of a value's type.
fn type_of(given: &Bound<'_, PyAny>) -> String {
    given.get_type().name().map_or_else(|_| "an object".into(), |name| name.to_string())
}
