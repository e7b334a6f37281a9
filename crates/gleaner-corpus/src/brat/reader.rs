//! Reading brat's annotations.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::NAME;
use crate::document::{Document, Span, Units, other_unit};
use crate::error::{CorpusError, Problem};
use crate::format::Format;
use crate::lines::Lines;
use crate::options::{Offsets, ReadOptions};

/// The `.ann` file of a `.txt` file, if it exists and the format is brat's or not chosen.
pub(crate) fn stands_for(path: &Path, format: Option<Format>) -> Option<PathBuf> {
    let can_be = matches!(format, None | Some(Format::Brat));
    let annotations = path.with_extension("ann");
    (can_be
        && path.extension().is_some_and(|extension| extension == "txt")
        && annotations.is_file())
    .then_some(annotations)
}

/// The `.ann` files in a folder, sorted; `None` if there are none or the path is no folder.
pub(crate) fn annotation_files(folder: &Path, format: Option<Format>) -> Option<Vec<PathBuf>> {
    if !matches!(format, None | Some(Format::Brat)) || !folder.is_dir() {
        return None;
    }
    let paths = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "ann")).collect();
    paths.sort_unstable();
    (!paths.is_empty()).then_some(paths)
}

/// Reads an `.ann` file at `name` and the text beside it.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Document, CorpusError> {
    let path = name.with_extension("txt");
    let text = fs::read(&path).map_err(|error| CorpusError::in_file(&path, error.into()))?;
    let text = String::from_utf8(text).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let byte = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
        CorpusError::at_line(&path, line, Problem::NotUtf8 { byte })
    })?;
    document(text, bytes, name, options)
}

/// The document of a text and its annotations.
fn document(
    text: String,
    annotations: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Document, CorpusError> {
    // A mark at the start counts as a character, but is not part of the first word.
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => format!(" {rest}"),
        None => text,
    };
    let (mut spans, mut span_lines) = (Vec::new(), Vec::new());
    if !options.unlabelled {
        let annotated = Annotated {
            scalars: text.chars().collect(),
            units: Units::new(&text, options.offsets),
            text: &text,
            unit: options.offsets,
        };
        let mut lines = Lines::new(annotations, name);
        while let Some(line) = lines.next_line() {
            let line = line?;
            let span = annotated
                .span(line.text)
                .map_err(|problem| CorpusError::at_line(name, line.number, problem))?;
            span_lines.extend(span.is_some().then_some(line.number));
            spans.extend(span);
        }
    }
    Ok(Document { text, spans, span_lines, line: 1, ..Document::default() })
}

/// A text whose annotations are read.
struct Annotated<'a> {
    text: &'a str,
    scalars: Vec<char>,
    unit: Offsets,
    units: Units,
}

impl Annotated<'_> {
    /// The span of a line; `None` if the line is about something else.
    fn span(&self, line: &str) -> Result<Option<Span>, Problem> {
        let reason = match line.chars().next() {
            Some('T') => None,
            None | Some('R' | 'E' | 'A' | 'M' | 'N' | '#' | '*') => return Ok(None),
            Some(_) => Some("unknown kind of line"),
        };
        if let Some(reason) = reason {
            return Err(malformed(reason));
        }
        let mut cells = line.splitn(3, '\t').skip(1);
        let place = cells.next().ok_or_else(|| malformed("no tab"))?;
        let (entity_type, fragments) =
            place.split_once(' ').ok_or_else(|| malformed("no offsets"))?;
        let copy = cells.next();
        let mut found: Option<Range<usize>> = None;
        for fragment in fragments.split(';') {
            let next = self.fragment(fragment, copy)?;
            found = Some(match found {
                None => next,
                Some(before) if self.are_apart_by_space(&before, &next) => before.start..next.end,
                Some(before) => {
                    let reason = "is discontinuous, which tags cannot represent; annotate it as one span or as two".to_owned();
                    return Err(Problem::Span { start: before.start, end: next.end, reason });
                }
            });
        }
        let range = found.ok_or_else(|| malformed("no offsets"))?;
        let covered: String = self.scalars[range.clone()].iter().collect();
        let (start, end) = (range.start, range.end);
        if let Some(copy) =
            copy.filter(|copy| !copy.split_whitespace().eq(covered.split_whitespace()))
        {
            let reason = self.advice(fragments, copy).unwrap_or_else(|| {
                format!(
                    "is {covered:?} in the text but {copy:?} in the annotation; use the text that was annotated"
                )
            });
            return Err(Problem::Span { start, end, reason });
        }
        Ok(Some(Span { start, end, entity_type: entity_type.to_owned() }))
    }

    /// The range of offsets such as `0 4`, in Unicode scalar values.
    fn fragment(&self, fragment: &str, copy: Option<&str>) -> Result<Range<usize>, Problem> {
        let range = offsets(fragment).ok_or_else(|| malformed("offsets that are not numbers"))?;
        let bad = |reason: String| Problem::Span { start: range.start, end: range.end, reason };
        if range.is_empty() {
            return Err(bad("is empty; the end must be greater than the start".to_owned()));
        }
        self.units.range(&range).ok_or_else(|| {
            let advice = copy.and_then(|copy| self.advice(fragment, copy));
            bad(advice.unwrap_or_else(|| {
                format!(
                    "is outside of the text, which has {} characters, or inside a character; use the text that was annotated",
                    self.scalars.len()
                )
            }))
        })
    }

    /// Whether only white space is between two fragments.
    fn are_apart_by_space(&self, before: &Range<usize>, next: &Range<usize>) -> bool {
        let between = self.scalars.get(before.end..next.start);
        between.is_some_and(|between| between.iter().all(|char| char.is_whitespace()))
    }

    /// The advice to read the offsets of one fragment in another unit, if its text is there.
    fn advice(&self, fragment: &str, copy: &str) -> Option<String> {
        let range = offsets(fragment)?;
        other_unit(self.text, &range, copy, self.unit).map(str::to_owned)
    }
}

/// The offsets of a fragment.
fn offsets(fragment: &str) -> Option<Range<usize>> {
    let (start, end) = fragment.trim().split_once(' ')?;
    Some(start.trim().parse().ok()?..end.trim().parse().ok()?)
}

fn malformed(reason: &str) -> Problem {
    Problem::MalformedSentence {
        format: NAME,
        reason: format!("{reason}; expected a line such as T1⇥PER 0 4⇥Anna, with tabs for ⇥"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_both(text: &str, annotations: &str) -> Result<Vec<(usize, usize, String)>, String> {
        read_in(Offsets::Scalar, text, annotations)
    }

    fn read_in(
        offsets: Offsets,
        text: &str,
        annotations: &str,
    ) -> Result<Vec<(usize, usize, String)>, String> {
        let options = ReadOptions { offsets, ..ReadOptions::default() };
        let document =
            document(text.to_owned(), annotations.as_bytes(), Path::new("x.ann"), &options);
        let document = document.map_err(|error| error.to_string())?;
        Ok(document
            .spans
            .into_iter()
            .map(|span| (span.start, span.end, span.entity_type))
            .collect())
    }

    #[test]
    fn entities_are_read() {
        let annotations = "T1\tPER 0 9\tÅnna Berg\nT2\tLOC 13 16;17 21\tNew York\n\nR1\tlives Arg1:T1 Arg2:T2\n\
                           #1\tAnnotatorNotes T1\tsure\nA1\tNegation E1\n*\tEquiv T1 T2\n";
        let expected = vec![(0, 9, "PER".to_owned()), (13, 21, "LOC".to_owned())];
        assert_eq!(read_both("Ånna Berg in New\nYork.", annotations), Ok(expected));
        assert_eq!(
            read_both("\u{feff}Bo", "T1\tPER 1 3\tBo\r\n"),
            Ok(vec![(1, 3, "PER".to_owned())])
        );
        assert_eq!(read_both("Bo x", "T1\tPER 0 3\tBo \n"), Ok(vec![(0, 3, "PER".to_owned())]));
        assert_eq!(read_both("Bo", ""), Ok(vec![]));
    }

    #[test]
    fn invalid_lines_are_errors() {
        let error = |line: &str| read_both("Anna and Bo Berg", line).unwrap_err();
        insta::assert_snapshot!(error("T1\tPER 0 4;12 16\tAnna Berg"), @"x.ann:1: span 0..16: is discontinuous, which tags cannot represent; annotate it as one span or as two");
        insta::assert_snapshot!(error("T1\tPER 1 5\tAnna"), @r#"x.ann:1: span 1..5: is "nna " in the text but "Anna" in the annotation; use the text that was annotated"#);
        insta::assert_snapshot!(error("T1\tPER 9 20\tBo"), @"x.ann:1: span 9..20: is outside of the text, which has 16 characters, or inside a character; use the text that was annotated");
        insta::assert_snapshot!(error("T1\tPER 4 4\t"), @"x.ann:1: span 4..4: is empty; the end must be greater than the start");
        insta::assert_snapshot!(error("T1 PER 0 4"), @"x.ann:1: not readable as brat annotations: no tab; expected a line such as T1⇥PER 0 4⇥Anna, with tabs for ⇥");
        insta::assert_snapshot!(error("T1\tPER 0 x\tAnna"), @"x.ann:1: not readable as brat annotations: offsets that are not numbers; expected a line such as T1⇥PER 0 4⇥Anna, with tabs for ⇥");
        insta::assert_snapshot!(error("Xnna\tB-PER"), @"x.ann:1: not readable as brat annotations: unknown kind of line; expected a line such as T1⇥PER 0 4⇥Anna, with tabs for ⇥");
    }

    #[test]
    fn the_unit_of_offsets_is_chosen_and_recognised() {
        let expected = Ok(vec![(2, 6, "LOC".to_owned())]);
        let utf16 = "T1\tLOC 3 7\tOslo\n";
        assert_eq!(read_in(Offsets::Utf16, "😀 Oslo is", utf16), expected);
        assert_eq!(read_in(Offsets::Graphemes, "🇫🇴 Oslo", "T1\tLOC 2 6\tOslo\n").unwrap()[0].0, 3);
        for text in ["😀 Oslo is", "😀 Oslo"] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(read_both(text, utf16).unwrap_err(), @"x.ann:1: span 3..7: the offsets seem to count UTF-16 units; read the file with --offsets utf16");
            }
        }
    }

    #[test]
    fn files_stand_beside_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("b.txt"), "Bo").unwrap();
        assert_eq!(stands_for(&path("b.txt"), None), None);
        assert_eq!(annotation_files(folder.path(), None), None);
        fs::write(path("b.ann"), "").unwrap();
        fs::write(path("a.ann"), "").unwrap();
        assert_eq!(stands_for(&path("b.txt"), None), Some(path("b.ann")));
        assert_eq!(stands_for(&path("b.txt"), Some(Format::Conll)), None);
        assert_eq!(annotation_files(folder.path(), None), Some(vec![path("a.ann"), path("b.ann")]));
        assert!(read(b"", &path("b.ann"), &ReadOptions::default()).is_ok());
        let error = read(b"", &path("a.ann"), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.ends_with("a.txt: no such file or folder; check the path"), "{error}");
        fs::write(path("a.txt"), b"ok\n a\xff").unwrap();
        let error = read(b"", &path("a.ann"), &ReadOptions::default()).unwrap_err().to_string();
        assert!(
            error.ends_with("a.txt:2: byte 3 of the line is not UTF-8; save the file as UTF-8"),
            "{error}"
        );
    }
}
