//! Writing sentences in any format.

use std::io::Write;

use crate::conll;
use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::format::Format;
use crate::options::Offsets;
use crate::{csv, docbin, jsonl, table, webanno};

/// Writes sentences in a format. `offsets` is the unit of character offsets, where the format has some.
///
/// # Errors
/// The writer fails, or a sentence would be read back differently: see [`WriteError`].
///
/// ```
/// use gleaner_corpus::{Format, Offsets, Sentence, write};
///
/// let sentence = Sentence { words: vec!["Anna".into()], tags: vec!["B-PER".into()], line: 1, ..Sentence::default() };
/// let mut file = Vec::new();
/// write(Format::Doccano, &mut file, &[sentence], Offsets::Scalar)?;
/// assert!(file.starts_with(br#"{"text":"Anna","label":[[0,4,"PER"]]"#));
/// # Ok::<(), gleaner_corpus::WriteError>(())
/// ```
pub fn write(
    format: Format,
    writer: &mut impl Write,
    sentences: &[Sentence],
    offsets: Offsets,
) -> Result<(), WriteError> {
    match format {
        Format::Conll => conll::write(writer, sentences),
        Format::Conll2003 => conll::write_2003(writer, sentences),
        Format::ConllUPlus => conll::write_plus(writer, sentences),
        Format::Jsonl => {
            Ok(sentences.iter().try_for_each(|sentence| jsonl::write(writer, sentence))?)
        }
        Format::Json => jsonl::write_array(writer, sentences),
        Format::Doccano => jsonl::write_doccano(writer, sentences, offsets),
        Format::LabelStudio => jsonl::write_label_studio(writer, sentences, offsets),
        Format::LabelStudioMin => jsonl::write_label_studio_min(writer, sentences, offsets),
        Format::Prodigy => jsonl::write_prodigy(writer, sentences, offsets),
        Format::Parquet => table::write(writer, sentences),
        Format::Csv => csv::write(writer, sentences),
        Format::Spacy => docbin::write(writer, sentences),
        Format::WebAnno => webanno::write(writer, sentences),
        Format::Brat => Err(WriteError::TwoFiles),
    }
}
