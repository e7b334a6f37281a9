//! Options of `gleaner data convert` and `gleaner data split`.

use super::ReadArgs;
use clap::Args;
use gleaner_corpus::{Format, Offsets};
use std::{path::PathBuf, str::FromStr};

pub(super) const CONVERT_HELP: &str = "Examples:
  gleaner data convert train.conll train.jsonl
  gleaner data convert my-corpus as-spacy --to spacy
  gleaner data convert export.json train.conll --map Person=PER --map '*=O'
  gleaner data convert germeval.tsv outer.conll --word-column 2 --tag-column 3

Words and tags are kept as the file has them, in IOB2. Formats of annotation tools get a text that
is made of the words with spaces between. The formats: conll, conll2003, conllup, jsonl, json,
doccano, label-studio, label-studio-min, prodigy, parquet, csv, spacy, webanno, brat (two files:
OUT.ann and OUT.txt).";

pub(super) const SPLIT_HELP: &str = "Examples:
  gleaner data split all.conll my-corpus
  gleaner data split all.jsonl my-corpus --how 70-15-15 --seed 7 --to conll

Writes train, dev and test to the folder OUT. Sentences are shuffled as scikit-learn's
train_test_split does; with 80-10-10 the parts equal those of `gleaner train --split 80-10-10`. The
parts of a folder are joined first, in the order train, dev, test.";

/// The text to convert or to split.
#[derive(Args)]
pub struct SourceArgs {
    /// Labelled text: a file, a folder with train, dev and test files, a data set of the Hugging Face
    /// hub (hub:OWNER/NAME:CONFIG), or `sample:af`.
    #[arg(value_name = "IN", index = 1)]
    pub input: PathBuf,
    /// Skip malformed sentences; count and report them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args)]
pub struct ConvertArgs {
    /// Write to this file, or to this folder if IN is a folder.
    #[arg(index = 2)]
    pub out: PathBuf,
    #[command(flatten)]
    pub write: WriteArgs,
    #[command(flatten)]
    pub source: SourceArgs,
}

/// How text is written.
#[derive(Args)]
pub struct WriteArgs {
    /// Format to write [default: by the extension of OUT; if OUT is a folder, the format of IN].
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub to: Option<Format>,
    /// Unit of the character offsets that are written: `scalar`, `utf16` or `graphemes` [default: as
    /// --offsets].
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    pub to_offsets: Option<Offsets>,
    /// Overwrite existing files [default: false].
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct SplitArgs {
    /// Write to this folder.
    #[arg(index = 2)]
    pub out: PathBuf,
    /// Percentages of train, dev and test, such as 80-10-10. Dev or test can be 0.
    #[arg(long, value_name = "A-B-C", default_value = "80-10-10")]
    pub how: Shares,
    /// Seed of the shuffling.
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u32,
    #[command(flatten)]
    pub write: WriteArgs,
    #[command(flatten)]
    pub source: SourceArgs,
}

pub(super) fn format(s: &str) -> Result<Format, String> {
    Format::of_name(s).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("the formats are {}", names.join(", "))
    })
}

pub(super) fn unit(s: &str) -> Result<Offsets, String> {
    match s {
        "scalar" => Ok(Offsets::Scalar),
        "utf16" => Ok(Offsets::Utf16),
        "graphemes" => Ok(Offsets::Graphemes),
        _ => Err("none of `scalar`, `utf16` and `graphemes`".into()),
    }
}

/// Percentages of train, dev and test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shares {
    pub dev: u32,
    pub test: u32,
}

impl FromStr for Shares {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let parts: Option<Vec<u32>> = s.split('-').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some(&[train, dev, test])
                if train > 0
                    && dev + test > 0
                    && u64::from(train) + u64::from(dev) + u64::from(test) == 100 =>
            {
                Ok(Self { dev, test })
            }
            _ => Err("not three percentages that add up to 100, such as 80-10-10".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        assert_eq!("80-10-10".parse(), Ok(Shares { dev: 10, test: 10 }));
        assert_eq!("90-0-10".parse(), Ok(Shares { dev: 0, test: 10 }));
        for bad in
            ["80-10", "80-10-5", "100-0-0", "0-50-50", "a-b-c", "80-10-10-0", "4294967295-1-100"]
        {
            assert!(bad.parse::<Shares>().is_err(), "{bad}");
        }
    }
}
