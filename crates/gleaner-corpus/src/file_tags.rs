//! Reading the tags of a file into the form `B-PER`, however the file writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gleaner_base::tags::Notation;

use crate::brackets;
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::labels;
use crate::spelling::{NO_TYPE, Spelling, have_hidden_letters, is_letter, trap};

/// How a file writes its tags. All tags of the file decide.
pub(crate) struct FileTags<'a> {
    notation: Notation,
    spelling: Option<Spelling>,
    /// The names of tags that are numbers.
    names: Option<&'a [String]>,
    /// Types that the file writes with white space: a tag of each, and its line.
    spaced: BTreeMap<String, (String, usize)>,
    /// Types that the file writes with `_`.
    solid: BTreeSet<String>,
}

impl<'a> FileTags<'a> {
    /// `labels` has the names of tags that are numbers; it is used if all tags are numbers.
    pub(crate) fn of<'s>(
        sentences: impl Iterator<Item = &'s Sentence> + Clone,
        labels: Option<&'a [String]>,
    ) -> Self {
        let tags = sentences.flat_map(|sentence| &sentence.tags).map(String::as_str);
        let mut numbers = tags.clone().map(|tag| tag.parse::<i64>().is_ok()).peekable();
        let names = labels.filter(|_| numbers.peek().is_some() && numbers.all(|is_one| is_one));
        let spelling = if names.is_some() { None } else { Spelling::of(tags.clone()) };
        let notation = match (names, &spelling) {
            (Some(names), _) => Notation::of(tags.filter_map(|tag| name(tag, names).ok())),
            (None, Some(Spelling::Outside(mark))) => {
                notation(tags.map(|tag| if tag == mark { "O" } else { tag }))
            }
            (None, Some(Spelling::Untyped | Spelling::Brackets)) => Notation::Prefix,
            (None, Some(Spelling::Numbers) | None) => notation(tags),
        };
        Self { notation, spelling, names, spaced: BTreeMap::new(), solid: BTreeSet::new() }
    }

    pub(crate) fn notation(&self) -> Notation {
        self.notation
    }

    /// How the tags are spelt, for users; `None` if they are tags by themselves.
    pub(crate) fn choice(&self) -> Option<String> {
        self.spelling.as_ref().map(Spelling::shown)
    }

    /// The tag of a word in a spelling of [`Notation`].
    fn spelt(&self, tag: &str) -> Result<String, Problem> {
        if let Some(problem) = trap(tag) {
            return Err(problem);
        }
        match (&self.spelling, self.names) {
            (_, Some(names)) => name(tag, names).map(str::to_owned),
            (Some(Spelling::Numbers), None) => Err(Problem::NoLabelNames),
            (Some(Spelling::Outside(mark)), None) if tag == mark => Ok("O".to_owned()),
            (Some(Spelling::Untyped), None) if is_letter(tag) => Ok(format!("{tag}-{NO_TYPE}")),
            _ => Ok(tag.to_owned()),
        }
    }

    /// Converts the tags of a sentence. The error has the position of the word, from 0; `line_of`
    /// returns the line of a word.
    pub(crate) fn convert(
        &mut self,
        sentence: &mut Sentence,
        line_of: impl Fn(&Sentence, usize) -> usize,
    ) -> Result<(), (usize, Problem)> {
        if self.spelling == Some(Spelling::Brackets) {
            sentence.tags = brackets::to_iob2(&sentence.tags)?;
        }
        for word in 0..sentence.tags.len() {
            let tag = sentence.tags[word].as_str();
            if tag.is_empty() {
                return Err((word, Problem::EmptyTag));
            }
            let tag = self.spelt(tag).map_err(|problem| (word, problem))?;
            let Some(canonical) = self.notation.canonical(&tag) else {
                return Err((word, Problem::UnknownTag { tag }));
            };
            if canonical.contains('_') {
                let entity_type = canonical[2..].to_owned();
                if tag.contains(char::is_whitespace) {
                    let place = || (tag, line_of(sentence, word));
                    self.spaced.entry(entity_type).or_insert_with(place);
                } else {
                    self.solid.insert(entity_type);
                }
            }
            sentence.tags[word] = canonical;
        }
        Ok(())
    }

    /// One finding for each type with white space.
    ///
    /// # Errors
    /// Two types of the file become the same type.
    pub(crate) fn findings(self, path: &Path) -> Result<Vec<Finding>, CorpusError> {
        let finding = |(entity_type, (tag, line)): (String, (String, usize))| {
            if self.solid.contains(&entity_type) {
                return Err(CorpusError::at_line(
                    path,
                    line,
                    Problem::SpacedType { tag, entity_type },
                ));
            }
            Ok(Finding {
                path: path.to_owned(),
                line,
                kind: FindingKind::SpacedType,
                detail: format!("white space in the type of {tag:?}, read as type {entity_type}"),
            })
        };
        self.spaced.into_iter().map(finding).collect()
    }
}

/// The notation of tags. Types in which letters are hidden, such as `BPER`, are not types.
fn notation<'t>(tags: impl Iterator<Item = &'t str> + Clone) -> Notation {
    match Notation::of(tags.clone()) {
        Notation::Plain if have_hidden_letters(&tags.collect()) => Notation::Prefix,
        notation => notation,
    }
}

/// The name of a tag that is a number.
fn name<'n>(tag: &str, names: &'n [String]) -> Result<&'n str, Problem> {
    let id = tag.parse().map_err(|_| Problem::UnknownTag { tag: tag.to_owned() })?;
    labels::name(id, names)
}

#[cfg(test)]
mod tests {
    use crate::{Corpus, ReadOptions, Scheme, read_bytes};

    use super::*;

    fn read(text: &str, options: &ReadOptions) -> Result<Corpus, String> {
        read_bytes(text.as_bytes(), Path::new("x.tsv"), options).map_err(|error| error.to_string())
    }

    /// The scheme, the tags of all words, and the findings of a file with these tags.
    fn tags(tags: &str) -> String {
        let text: String = tags.split(' ').map(|tag| format!("w\t{tag}\n")).collect();
        match read(&text, &ReadOptions::default()) {
            Ok(corpus) => {
                let findings: String = corpus.findings.iter().map(|f| format!("; {f}")).collect();
                format!("{}: {}{findings}", corpus.scheme, corpus.sentences[0].tags.join(" "))
            }
            Err(error) => error,
        }
    }

    #[test]
    fn other_notations_become_iob2() {
        assert_eq!(tags("B-PER M-PER E-PER S-LOC"), "BIOES: B-PER I-PER I-PER B-LOC");
        assert_eq!(tags("b-per m-per e-per o s-loc"), "BIOES: B-per I-per I-per O B-loc");
        assert_eq!(tags("b-A l-A u-B"), "BILOU: B-A I-A B-B");
        assert_eq!(tags("PER PER O LOC"), "IO: B-PER I-PER O B-LOC");
        assert_eq!(tags("O person-actor O art"), "IO: O B-person-actor O B-art");
        assert_eq!(tags("PER-B PER-I O LOC-B"), "IOB2: B-PER I-PER O B-LOC");
        assert_eq!(tags("PER-s O LOC-b LOC-e"), "BIOES: B-PER O B-LOC I-LOC");
    }

    #[test]
    fn other_columns_are_no_tags() {
        for (column, bad) in [
            ("NOUN VERB", "NOUN"),
            ("N V O", "N"),
            ("PRON O VERB DET NOUN PUNCT", "PRON"),
            ("O B_PER", "B_PER"),
            ("O X-PER", "X-PER"),
            ("B-PER O LOC", "LOC"),
            ("O 3", "3"),
        ] {
            let message = tags(column);
            assert!(message.contains(&format!("unknown tag {bad:?}")), "{column}: {message}");
        }
    }

    #[test]
    fn other_spellings_become_iob2_and_are_named() {
        assert_eq!(
            tags("B-PER _ I-PER _"),
            "IOB2: B-PER O B-PER O; x.tsv:3: I-PER with no PER before it, read as B-PER"
        );
        assert_eq!(tags("PER PER - LOC"), "IO: B-PER I-PER O B-LOC");
        assert_eq!(
            tags("B I O M S"),
            "BIOES: B-_ I-_ O B-_ B-_; x.tsv:2: entity of type _ without its last tag, read as ending here; x.tsv:4: I-_ with no open _ before it, read as B-_; x.tsv:4: entity of type _ without its last tag, read as ending here"
        );
        assert_eq!(tags("(PER* *) * (LOC)"), "IOB2: B-PER I-PER O B-LOC");
        let corpus = read("a\tB\nb\tO\n", &ReadOptions::default()).unwrap();
        let choices = &corpus.files[0].choices;
        assert_eq!(
            choices.last().unwrap(),
            "tags without a type get the type _ (--map _=NAME renames it)"
        );
    }

    #[test]
    fn spellings_of_no_scheme_are_refused() {
        for (column, says) in [
            ("BPER IPER O BLOC", "unknown tag \"BPER\""),
            ("begin-PER inside-PER O", "unknown tag \"begin-PER\""),
            ("1 2 0", "x.tsv:1: tags are numbers without names; give the names"),
            ("B-A|B-B O", "several tags"),
            ("PER О LOC O O", "x.tsv:2: the letter U+041E"),
            ("(A* (B) *)", "x.tsv:2: the bracket"),
        ] {
            assert!(tags(column).contains(says), "{column}: {}", tags(column));
        }
    }

    #[test]
    fn types_with_spaces_are_joined_or_mapped() {
        let text = "a\tB-work of art\nb\tI-work of art\nc\tO\n";
        let corpus = read(text, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.sentences[0].tags, ["B-work_of_art", "I-work_of_art", "O"]);
        insta::assert_snapshot!(corpus.findings[0], @r#"x.tsv:1: white space in the type of "B-work of art", read as type work_of_art"#);
        let map = crate::LabelMap::from_toml("\"work of art\" = \"WORK\"").unwrap();
        let options = ReadOptions { label_map: Some(map), ..ReadOptions::default() };
        let corpus = read(text, &options).unwrap();
        assert_eq!(corpus.sentences[0].tags, ["B-WORK", "I-WORK", "O"]);
        assert_eq!(corpus.findings, []);
        let both = format!("{text}d\tB-work_of_art\n");
        insta::assert_snapshot!(read(&both, &ReadOptions::default()).unwrap_err(), @r#"x.tsv:1: the type of "B-work of art" and the type work_of_art would be the same; rename one of them"#);
    }

    #[test]
    fn numbers_get_their_names() {
        let named = |names: &[&str]| ReadOptions {
            labels: Some(names.iter().map(|&name| name.to_owned()).collect()),
            ..ReadOptions::default()
        };
        let text = "a\t1\nb\t2\nc\t0\n";
        let corpus = read(text, &named(&["O", "B-PER", "I-PER"])).unwrap();
        assert_eq!(corpus.sentences[0].tags, ["B-PER", "I-PER", "O"]);
        let corpus = read(text, &named(&["O", "PER", "LOC"])).unwrap();
        assert_eq!(
            (corpus.scheme, corpus.sentences[0].tags.join(" ")),
            (Scheme::Io, "B-PER B-LOC O".into())
        );
        let error = read(text, &named(&["O", "B-PER"])).unwrap_err();
        assert!(error.starts_with("x.tsv:2: tag number 2 is out of range"), "{error}");
        // Names stay as they are.
        let corpus = read("a\tB-X\n", &named(&["O"])).unwrap();
        assert_eq!(corpus.sentences[0].tags, ["B-X"]);
    }

    #[test]
    fn tags_that_break_their_scheme_are_kept_for_scores() {
        let corpus = read(
            "a\tI-A\nb\tO\n\nc\tB-A\nd\tI-B\ne\tO\nf\tB-A\n\ng\tB-A\n",
            &ReadOptions::default(),
        );
        let sentences = corpus.unwrap().sentences;
        assert_eq!(sentences[0].tags, ["B-A", "O"]);
        assert_eq!(sentences[0].scored_tags(), ["I-A", "O"]);
        assert_eq!(sentences[0].strict_entities(), []);
        assert_eq!(sentences[1].tags, ["B-A", "B-B", "O", "B-A"]);
        assert_eq!(sentences[1].strict_entities().len(), 2);
        assert_eq!(sentences[2].unrepaired, None);
        let corpus = read("a\tB-A\nb\tI-A\nc\tO\nd\tS-A\n", &ReadOptions::default()).unwrap();
        let broken = &corpus.sentences[0];
        assert_eq!((broken.entities().len(), broken.strict_entities().len()), (2, 1));
        assert_eq!(broken.scored_tags(), ["B-A", "I-A", "O", "B-A"]);
    }

    #[test]
    fn the_label_map_also_maps_what_is_scored() {
        let map = |text: &str| ReadOptions {
            label_map: Some(crate::LabelMap::from_toml(text).unwrap()),
            ..ReadOptions::default()
        };
        let text = "a\tB-A\nb\tI-B\nc\tI-C\nd\tB-A\n";
        let sentence = |options: &ReadOptions| read(text, options).unwrap().sentences.remove(0);
        let mapped = sentence(&map("A = \"X\"\nB = \"O\"\nC = \"Y\""));
        assert_eq!(mapped.tags, ["B-X", "O", "B-Y", "B-X"]);
        assert_eq!(mapped.scored_tags(), ["B-X", "O", "I-Y", "B-X"]);
        let starts: Vec<usize> = mapped.strict_entities().iter().map(|e| e.start).collect();
        assert_eq!(starts, [0, 3]);
        // Entities that touch stay apart in the default mode although their types are now the same.
        let mapped = sentence(&map("A = \"X\"\nB = \"X\"\nC = \"X\""));
        assert_eq!(mapped.scored_tags(), ["B-X", "B-X", "B-X", "B-X"]);
        assert_eq!(mapped.strict_entities().len(), 2);
    }
}
