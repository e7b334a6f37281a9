//! All harnesses.

mod corpora;
mod encoder;
mod model;
mod scores;
mod settings;
mod support;
mod text;
mod weights;

use crate::{Harness, Memory};

/// Words of files of labelled text.
const TEXT: &[&str] = &[
    "B-", "I-", "E-", "S-", "L-", "U-", "O", "PER", "\t", " ", "\n", "\n\n", "\r\n", "\u{feff}", "_", "-DOCSTART-", "#",
    "# global.columns = ID FORM NER", "# text = a", "1-1", "fo:", "name=B-PER", "\u{202e}", "\u{1f}", "é", "🦀", "\0",
];
/// Words of JSON files of labelled text.
const JSON: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud83d", "null", "true", "-1", "1e999", "0.5", "\"tokens\":",
    "\"tags\":", "\"ner_tags\":", "\"text\":", "\"spans\":", "\"label\":", "\"entities\":", "\"label_names\":",
    "\"start\":", "\"end\":", "\"data\":", "\"annotations\":", "\"result\":", "\"value\":", "\"labels\":", "\"answer\":",
    "\"accept\"", "\"O\"", "\"B-PER\"", "[[[[[[[[", "]]]]]]]]", "🦀", "\n", "\0",
];
/// Words of tables and of settings in TOML.
const TOML: &[&str] = &[
    "[", "]", "=", "\"", "\n", ".", "[languages.af]", "[settings]", "seeds", "encoder", "data", "label-map", "\"*\" = \"O\"",
    "epochs = ", "batch = ", "rate-encoder = ", "split = \"folds\"", "folds = ", "sample:af", "sample:tiny", "inf", "nan",
    "-1", "true", "1979-05-27", "{ a = 1 }", "\u{202e}",
];
/// Words of the description of a tokenizer or of an encoder.
const MODEL: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "null", "true", "0", "-1", "1e308", "18446744073709551615", "\"type\":",
    "\"Sequence\"", "\"Precompiled\"", "\"precompiled_charsmap\":", "\"Replace\"", "\"Split\"", "\"pattern\":", "\"Regex\":",
    "\"String\":", "\"(a+)+(?=b)\"", "\"\\\\s+(?!\\\\S)\"", "\"content\":", "\"FixedLength\"", "\"length\":", "\"BPE\"",
    "\"Unigram\"", "\"WordLevel\"", "\"dropout\":", "\"TemplateProcessing\"", "\"SpecialToken\":", "\"Prepend\"",
    "\"ByteLevel\"", "\"Metaspace\"", "\"truncation\":", "\"padding\":", "\"model_type\":", "\"modernbert\"",
    "\"hidden_size\":", "\"layer_types\":", "[[[[[[[[",
];

const fn harness(
    name: &'static str,
    seeds: fn() -> Vec<Vec<u8>>,
    words: &'static [&'static str],
    run: fn(&[u8]) -> Result<(), String>,
    memory: Memory,
    inputs: u64,
) -> Harness {
    Harness { name, seeds, words, run, memory, inputs }
}

/// All harnesses: readers of labelled text, of settings, of weights, of encoders and of models; and what computes.
pub const HARNESSES: &[Harness] = &[
    harness("any-file", corpora::any_seeds, TEXT, corpora::any, Memory::of(600, 160), 3000),
    harness("conll", corpora::conll_seeds, TEXT, corpora::conll, Memory::of(600, 8), 4000),
    harness("jsonl", corpora::jsonl_seeds, JSON, corpora::jsonl, Memory::of(600, 8), 4000),
    harness("json", corpora::json_seeds, JSON, corpora::json, Memory::of(600, 8), 3000),
    harness("doccano", corpora::doccano_seeds, JSON, corpora::doccano, Memory::of(600, 8), 3000),
    harness("label-studio", corpora::studio_seeds, JSON, corpora::studio, Memory::of(600, 8), 3000),
    harness("prodigy", corpora::prodigy_seeds, JSON, corpora::prodigy, Memory::of(600, 8), 3000),
    harness("csv", corpora::csv_seeds, TEXT, corpora::csv, Memory::of(600, 8), 4000),
    harness("webanno", corpora::webanno_seeds, TEXT, corpora::webanno, Memory::of(600, 8), 4000),
    harness("brat", corpora::brat_seeds, TEXT, corpora::brat, Memory::of(600, 8), 1500),
    // What one byte of these can become is limited by the reader: see `table/budget.rs` and `docbin/reader.rs`.
    harness("docbin", corpora::docbin_seeds, &[], corpora::docbin, Memory::of(4096, 128), 4000),
    harness("parquet", corpora::parquet_seeds, &["PAR1"], corpora::parquet, Memory::of(2048, 256), 4000),
    harness("segmentation", text::segmentation_seeds, TEXT, text::segmentation, Memory::of(400, 8), 4000),
    harness("schemes", text::scheme_seeds, &[], text::schemes, Memory::of(2000, 8), 4000),
    harness("study", settings::study_seeds, TOML, settings::study, Memory::of(600, 8), 3000),
    harness("settings", settings::settings_seeds, TOML, settings::settings, Memory::of(600, 8), 1500),
    harness("safetensors", weights::safetensors_seeds, MODEL, weights::safetensors, Memory::of(40, 8), 4000),
    harness("pytorch", weights::pytorch_seeds, &["ctorch\nFloatStorage\n", "cos\nsystem\n", "tR", "(", "u.", "PK\x05\x06"], weights::pytorch, Memory::of(200, 8), 4000),
    harness("weights-index", weights::index_seeds, MODEL, weights::index, Memory::of(40, 8), 1000),
    harness("encoder-config", encoder::config_seeds, MODEL, encoder::config, Memory::of(200, 8), 4000),
    harness("tokenizer", encoder::tokenizer_seeds, MODEL, encoder::tokenizer, Memory::of(4096, 32), 1500),
    harness("vocabulary", encoder::vocabulary_seeds, &["\n", "##", "[UNK]", "\0", "\"do_lower_case\": true", "\r"], encoder::vocabulary, Memory::of(4096, 32), 1000),
    harness("sentencepiece", encoder::sentencepiece_seeds, &["<unk>", "▁"], encoder::sentencepiece, Memory::of(4096, 32), 1000),
    harness("manifest", model::manifest_seeds, MODEL, model::manifest, Memory::of(400, 64), 150),
    harness("model-config", model::config_seeds, MODEL, model::config, Memory::of(400, 64), 150),
    harness("int8", model::int8_seeds, MODEL, model::int8, Memory::of(400, 64), 100),
    harness("checkpoint", model::checkpoint_seeds, MODEL, model::checkpoint, Memory::of(400, 128), 60),
    harness("windows", model::window_seeds, &[], model::windows, Memory::of(4096, 64), 150),
    harness("crf", scores::crf_seeds, &[], scores::crf, Memory::of(2000, 8), 4000),
    harness("statistics", scores::statistics_seeds, &[], scores::statistics, Memory::of(4000, 8), 2000),
];
