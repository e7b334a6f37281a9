//! All harnesses.

mod alignment;
mod annotate;
mod answers;
mod corpora;
mod encoder;
mod imported;
mod lists;
mod model;
mod replies;
mod requests;
mod scores;
mod server;
mod settings;
mod study;
mod support;
mod text;
mod tracking;
mod training;
mod weights;
mod words;

use crate::{Harness, Memory};
use words::{ANNOTATION, JSON, LISTS, MODEL, RECORDS, REPLIES, TEXT, TOML};

const fn harness(
    name: &'static str,
    seeds: fn() -> Vec<Vec<u8>>,
    words: &'static [&'static [&'static str]],
    run: fn(&[u8]) -> Result<(), String>,
    memory: Memory,
    inputs: u64,
) -> Harness {
    Harness { name, seeds, words, run, memory, inputs }
}

/// All harnesses: readers of labelled text, of settings, of weights, of encoders and of models, of annotation projects
/// and studies, of requests and replies; and what computes.
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
    harness(
        "parquet",
        corpora::parquet_seeds,
        &[&["PAR1"]],
        corpora::parquet,
        Memory::of(2048, 256),
        4000,
    ),
    harness(
        "segmentation",
        text::segmentation_seeds,
        TEXT,
        text::segmentation,
        Memory::of(400, 8),
        4000,
    ),
    harness("plain-text", text::plain_seeds, TEXT, text::plain, Memory::of(400, 8), 4000),
    // Spans and words of an object are drawn, so the words of no format matter.
    harness("alignment", alignment::seeds, &[], alignment::alignment, Memory::of(4000, 8), 4000),
    harness(
        "trained-on",
        lists::trained_on_seeds,
        LISTS,
        lists::trained_on,
        Memory::of(200, 8),
        2000,
    ),
    harness("mentions", lists::mention_seeds, LISTS, lists::mentions, Memory::of(400, 8), 2000),
    harness("label-map", lists::label_map_seeds, LISTS, lists::label_map, Memory::of(600, 8), 2000),
    harness("gains", lists::gain_seeds, LISTS, lists::gains, Memory::of(200, 8), 2000),
    harness(
        "dataset-info",
        lists::dataset_info_seeds,
        LISTS,
        lists::dataset_info,
        Memory::of(600, 8),
        2000,
    ),
    harness("schemes", text::scheme_seeds, &[], text::schemes, Memory::of(2000, 8), 4000),
    harness("study", settings::study_seeds, TOML, settings::study, Memory::of(600, 8), 3000),
    harness(
        "settings",
        settings::settings_seeds,
        TOML,
        settings::settings,
        Memory::of(600, 8),
        1500,
    ),
    harness(
        "safetensors",
        weights::safetensors_seeds,
        MODEL,
        weights::safetensors,
        Memory::of(40, 8),
        4000,
    ),
    harness(
        "pytorch",
        weights::pytorch_seeds,
        &[&["ctorch\nFloatStorage\n", "cos\nsystem\n", "tR", "(", "u.", "PK\x05\x06"]],
        weights::pytorch,
        Memory::of(200, 8),
        4000,
    ),
    harness("weights-index", weights::index_seeds, MODEL, weights::index, Memory::of(40, 8), 1000),
    harness(
        "encoder-config",
        encoder::config_seeds,
        MODEL,
        encoder::config,
        Memory::of(200, 8),
        4000,
    ),
    harness(
        "tokenizer",
        encoder::tokenizer_seeds,
        MODEL,
        encoder::tokenizer,
        Memory::of(4096, 32),
        1500,
    ),
    harness(
        "vocabulary",
        encoder::vocabulary_seeds,
        &[&["\n", "##", "[UNK]", "\0", "\"do_lower_case\": true", "\r"]],
        encoder::vocabulary,
        Memory::of(4096, 32),
        1000,
    ),
    harness(
        "sentencepiece",
        encoder::sentencepiece_seeds,
        &[&["<unk>", "▁"]],
        encoder::sentencepiece,
        Memory::of(4096, 32),
        1000,
    ),
    harness(
        "spm",
        encoder::spm_seeds,
        &[&["[UNK]", "[CLS]", "▁"]],
        encoder::spm,
        Memory::of(4096, 32),
        1000,
    ),
    harness("manifest", model::manifest_seeds, MODEL, model::manifest, Memory::of(400, 64), 150),
    harness("model-config", model::config_seeds, MODEL, model::config, Memory::of(400, 64), 150),
    harness("ensemble", model::ensemble_seeds, MODEL, model::ensemble, Memory::of(400, 64), 150),
    harness("int8", model::int8_seeds, MODEL, model::int8, Memory::of(400, 64), 100),
    harness(
        "imported-tagger",
        imported::seeds,
        MODEL,
        imported::imported,
        Memory::of(400, 64),
        100,
    ),
    harness(
        "checkpoint",
        training::checkpoint_seeds,
        MODEL,
        training::checkpoint,
        Memory::of(400, 128),
        60,
    ),
    harness(
        "adaptation",
        training::adaptation_seeds,
        MODEL,
        training::adaptation,
        Memory::of(400, 128),
        40,
    ),
    harness(
        "annotation-project",
        annotate::project_seeds,
        ANNOTATION,
        annotate::project,
        Memory::of(600, 16),
        1500,
    ),
    harness(
        "held-out",
        annotate::prediction_seeds,
        ANNOTATION,
        annotate::predictions,
        Memory::of(600, 64),
        100,
    ),
    harness(
        "annotation-requests",
        answers::seeds,
        ANNOTATION,
        answers::answers,
        Memory::of(600, 16),
        500,
    ),
    harness("run-records", study::record_seeds, RECORDS, study::records, Memory::of(600, 8), 1500),
    harness(
        "study-results",
        study::gathered_seeds,
        RECORDS,
        study::gathered,
        Memory::of(4000, 64),
        100,
    ),
    harness(
        "fingerprints",
        study::fingerprint_seeds,
        RECORDS,
        study::fingerprints,
        Memory::of(600, 32),
        150,
    ),
    // Each input is several requests to a server on this computer.
    harness("hub-replies", replies::seeds, REPLIES, replies::hub, Memory::of(400, 16), 200),
    harness(
        "mlflow-replies",
        tracking::seeds,
        REPLIES,
        tracking::tracking,
        Memory::of(400, 16),
        150,
    ),
    harness("requests", requests::seeds, JSON, requests::requests, Memory::of(1000, 16), 3000),
    harness("windows", model::window_seeds, &[], model::windows, Memory::of(4096, 64), 150),
    harness("crf", scores::crf_seeds, &[], scores::crf, Memory::of(2000, 8), 4000),
    harness(
        "statistics",
        scores::statistics_seeds,
        &[],
        scores::statistics,
        Memory::of(4000, 8),
        2000,
    ),
];
