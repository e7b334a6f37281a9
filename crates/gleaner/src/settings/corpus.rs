//! Settings of reading: the format, columns and names of the files of a corpus.

mod path;
pub(super) mod suffix;
pub(super) mod table;

pub use path::CorpusPath;

#[cfg(feature = "clap")]
use super::word::word;
use gleaner_corpus::{Format, LabelMap, Nested, Offsets, ReadOptions};
use serde_json::Value;

group! {
    /// How the files of a corpus are read. They belong to a corpus, not to a training: the main corpus has them as
    /// settings, every other one can have its own.
    #[derive(Default)]
    CorpusOptions, CorpusOverrides, corpus {
        /// Format of the files: conll, jsonl, json, doccano, label-studio, label-studio-min, prodigy, parquet, csv,
        /// spacy, webanno or brat [default: detected].
        optional format: Format => (long, value_name = "FORMAT", value_parser = word::<Format>),
        /// Column of the word in CoNLL files, counted from 1 [default: detected].
        optional word_column: usize => (long, value_name = "N"),
        /// Column of the tag in CoNLL files, counted from 1 [default: detected].
        optional tag_column: usize => (long, value_name = "N"),
        /// Names of tags that are numbers, in the order of the numbers: O B-PER I-PER [default: those in the
        /// file].
        optional labels: Vec<String> => (long, value_name = "NAME", num_args = 1.., value_delimiter = ' '),
        /// New names of entity types, such as PERSON = "PER", MISC = "O", "*" = "O".
        optional label_map: LabelMap => (skip),
        /// Spans that contain or overlap each other: `error`, or keep the `outermost` or the `innermost`
        /// [default: error].
        optional nested: Nested => (long, value_name = "WHICH", value_parser = word::<Nested>),
        /// Unit of character offsets: `scalar` (Unicode scalar values), `utf16` (as programs in JavaScript
        /// count) or `graphemes` (as doccano counts on request) [default: scalar].
        optional offsets: Offsets => (long, value_name = "UNIT", value_parser = word::<Offsets>),
        /// Key of the text in JSON files [default: text].
        optional text_field: String => (long, value_name = "KEY"),
    }
}

impl From<&CorpusOverrides> for CorpusOptions {
    fn from(given: &CorpusOverrides) -> Self {
        let mut options = Self::default();
        given.apply(&mut options);
        options
    }
}

impl From<&CorpusOptions> for CorpusOverrides {
    fn from(options: &CorpusOptions) -> Self {
        let CorpusOptions { labels, label_map, text_field, .. } = options.clone();
        Self {
            format: options.format,
            word_column: options.word_column,
            tag_column: options.tag_column,
            labels,
            label_map,
            nested: options.nested,
            offsets: options.offsets,
            text_field,
        }
    }
}

impl CorpusOptions {
    /// The options of a text that accompanies the main corpus, such as a joined one: its own, and columns, `nested`,
    /// `offsets` and `text-field` of the main corpus where it has none. Names (of numbers and types) and a format
    /// belong to one corpus only.
    #[must_use]
    pub fn beside(&self, main: &Self) -> Self {
        let (word_column, tag_column) = match self.has_layout() {
            true => (self.word_column, self.tag_column),
            false => (main.word_column, main.tag_column),
        };
        Self {
            word_column,
            tag_column,
            nested: self.nested.or(main.nested),
            offsets: self.offsets.or(main.offsets),
            text_field: self.text_field.clone().or_else(|| main.text_field.clone()),
            ..self.clone()
        }
    }

    /// The options of one of several corpora that share `common` options: its own where it has them. Format and columns
    /// go together, so that a corpus which gives one of them takes none from the others.
    #[must_use]
    pub fn or(&self, common: &Self) -> Self {
        let beside = self.beside(common);
        Self {
            format: if self.has_layout() { self.format } else { common.format },
            labels: self.labels.clone().or_else(|| common.labels.clone()),
            label_map: self.label_map.clone().or_else(|| common.label_map.clone()),
            ..beside
        }
    }

    /// Whether it says where words and tags are. Columns of another corpus would then be those of other files.
    fn has_layout(&self) -> bool {
        self.format.is_some() || self.word_column.is_some() || self.tag_column.is_some()
    }

    /// The options for reading a file, apart from what faults do.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            format: self.format,
            word_column: self.word_column,
            tag_column: self.tag_column,
            labels: self.labels.clone(),
            label_map: self.label_map.clone(),
            nested: self.nested.unwrap_or_default(),
            offsets: self.offsets.unwrap_or_default(),
            text_field: self.text_field.clone(),
            ..ReadOptions::default()
        }
    }

    /// Whether none is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The options that are given, by key.
    pub fn given(&self) -> Vec<(String, Value)> {
        match serde_json::to_value(self) {
            Ok(Value::Object(all)) => {
                all.into_iter().filter(|(_, value)| !value.is_null()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Refuses values that no file can satisfy.
    ///
    /// # Errors
    /// A column is 0, or `labels` is empty.
    pub fn check(&self) -> Result<(), crate::GleanerError> {
        for (key, column) in [("word-column", self.word_column), ("tag-column", self.tag_column)] {
            if column == Some(0) {
                return super::bad(key, "there is no column 0; columns count from 1");
            }
        }
        match &self.labels {
            Some(names) if names.is_empty() => super::bad(
                "labels",
                "no name; leave it out, or give the names in the order of the numbers",
            ),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> CorpusOptions {
        format!("x,{text}").parse::<CorpusPath>().unwrap().options
    }

    #[test]
    fn columns_of_another_corpus_are_not_mixed_with_its_own() {
        let main = of("format=conll,word-column=2,tag-column=3,labels=O B-X,map=A:B,offsets=utf16");
        let own = of("word-column=1");
        let beside = own.beside(&main);
        assert_eq!((beside.word_column, beside.tag_column), (Some(1), None));
        assert_eq!(beside.offsets, Some(Offsets::Utf16));
        let none = CorpusOptions::default();
        let beside = none.beside(&main);
        assert_eq!((beside.word_column, beside.tag_column), (Some(2), Some(3)));
        assert_eq!((beside.format, beside.labels, beside.label_map), (None, None, None));
        assert_eq!(none.or(&main), main);
        assert_eq!(own.or(&main).format, None);
        assert_eq!(own.or(&main).label_map, main.label_map);
        let mapped = of("map=A:C").or(&main);
        assert_eq!((mapped.word_column, mapped.format), (Some(2), Some(Format::Conll)));
        assert_eq!(mapped.label_map.unwrap().get("A"), Some("C"));
    }

    #[test]
    fn options_become_those_of_the_reader() {
        let read = of("format=jsonl,labels=O B-X,nested=innermost,offsets=utf16,text-field=body")
            .read_options();
        assert_eq!(read.format, Some(Format::Jsonl));
        assert_eq!(read.labels.unwrap(), ["O", "B-X"]);
        assert_eq!((read.nested, read.offsets), (Nested::Innermost, Offsets::Utf16));
        assert_eq!(read.text_field.as_deref(), Some("body"));
        assert!(!read.strict && !read.skip_bad && !read.unlabelled);
    }
}
