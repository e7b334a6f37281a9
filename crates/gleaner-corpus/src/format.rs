//! File formats.

use std::fmt;
use std::path::Path;

use gleaner_base::split_names::SplitName;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a file stores sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One word per line with its columns, blank lines between sentences: see
    /// [`conll`](mod@crate::conll).
    Conll,
    /// The same with the four columns of CoNLL-2003 when it is written; read as [`Format::Conll`].
    Conll2003,
    /// The same with `# global.columns` of CoNLL-U Plus when it is written; read as [`Format::Conll`].
    ConllUPlus,
    /// One JSON object per line: see [`jsonl`](mod@crate::jsonl).
    Jsonl,
    /// The same objects in one array, as `datasets` writes them.
    Json,
    /// JSON Lines of the annotation tool doccano: `text` with `label` or `entities`.
    Doccano,
    /// The JSON export of the annotation tool Label Studio: tasks with annotations.
    LabelStudio,
    /// Its export JSON-MIN: one object per annotation.
    LabelStudioMin,
    /// JSON Lines of the annotation tool Prodigy: `text`, `tokens`, `spans` and `answer`.
    Prodigy,
    /// Parquet as on the Hugging Face hub: a column `tokens` (lists of strings) and a column
    /// `ner_tags` or `tags` (lists of numbers or strings). The metadata key `huggingface` names the
    /// numbers.
    Parquet,
    /// CSV with a row per word, as on Kaggle: see [`csv`](mod@crate::csv).
    Csv,
    /// spaCy's binary documents: see [`docbin`](mod@crate::docbin).
    Spacy,
    /// WebAnno TSV 3 of INCEpTION: see [`webanno`](mod@crate::webanno).
    WebAnno,
    /// brat's annotations of a text: see [`brat`](mod@crate::brat). The file is the one with the annotations.
    Brat,
}

impl Format {
    /// The format of a file by its extension: `.conll`, `.conllu`, `.txt`, `.tsv`, `.iob`, `.iob2`, `.bio`, `.bioes`,
    /// `.bmes`, `.ner`; `.conllup`; `.jsonl`, `.ndjson`; `.json`; `.parquet`; `.csv`; `.spacy`; `.ann`. Files named
    /// after a split, such as `eng.testa` of CoNLL-2003 or `train` of WikiANN, are CoNLL. `None` for other names.
    ///
    /// ```
    /// use gleaner_corpus::Format;
    /// use std::path::Path;
    ///
    /// assert_eq!(Format::of(Path::new("data/train.tsv")), Some(Format::Conll));
    /// assert_eq!(Format::of(Path::new("notes.docx")), None);
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        let Some(extension) = path.extension() else {
            let name = path.file_name()?.to_str()?;
            return SplitName::parse(name).map(|_| Self::Conll);
        };
        match extension.to_str()?.to_ascii_lowercase().as_str() {
            "conll" | "conllu" | "txt" | "tsv" | "iob" | "iob2" | "bio" | "bioes" | "bmes"
            | "ner" => Some(Self::Conll),
            "conllup" => Some(Self::ConllUPlus),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "json" => Some(Self::Json),
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "spacy" => Some(Self::Spacy),
            "ann" => Some(Self::Brat),
            split if SplitName::parse(split).is_some() => Some(Self::Conll),
            _ => None,
        }
    }

    /// Its name on the command line and in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conll => "conll",
            Self::Conll2003 => "conll2003",
            Self::ConllUPlus => "conllup",
            Self::Jsonl => "jsonl",
            Self::Json => "json",
            Self::Doccano => "doccano",
            Self::LabelStudio => "label-studio",
            Self::LabelStudioMin => "label-studio-min",
            Self::Prodigy => "prodigy",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Spacy => "spacy",
            Self::WebAnno => "webanno",
            Self::Brat => "brat",
        }
    }

    /// All formats.
    pub const ALL: &[Self] = &[
        Self::Conll,
        Self::Conll2003,
        Self::ConllUPlus,
        Self::Jsonl,
        Self::Json,
        Self::Doccano,
        Self::LabelStudio,
        Self::LabelStudioMin,
        Self::Prodigy,
        Self::Parquet,
        Self::Csv,
        Self::Spacy,
        Self::WebAnno,
        Self::Brat,
    ];

    /// The format with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// Whether the unit of the character offsets that are written in this format can be chosen.
    pub fn has_units(self) -> bool {
        matches!(self, Self::Doccano | Self::LabelStudio | Self::LabelStudioMin | Self::Prodigy)
    }

    /// Whether it has words with their columns in lines.
    pub fn has_columns(self) -> bool {
        matches!(self, Self::Conll | Self::Conll2003 | Self::ConllUPlus)
    }

    /// Whether each word has a line of its own.
    pub(crate) fn has_a_line_for_each_word(self) -> bool {
        self.has_columns() || self == Self::Csv
    }
}

/// By its name: see [`Format::name`].
impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of_name(&name).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            D::Error::custom(format!(
                "unknown format `{name}`; the formats are {}",
                names.join(", ")
            ))
        })
    }
}

/// The name for users.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Conll => "CoNLL",
            Self::Conll2003 => "CoNLL-2003",
            Self::ConllUPlus => "CoNLL-U Plus",
            Self::Jsonl => "JSON Lines",
            Self::Json => "JSON",
            Self::Doccano => "doccano",
            Self::LabelStudio => "Label Studio",
            Self::LabelStudioMin => "Label Studio JSON-MIN",
            Self::Prodigy => "Prodigy",
            Self::Parquet => "Parquet",
            Self::Csv => "CSV",
            Self::Spacy => "spaCy DocBin",
            Self::WebAnno => "WebAnno TSV 3",
            Self::Brat => "brat",
        })
    }
}
