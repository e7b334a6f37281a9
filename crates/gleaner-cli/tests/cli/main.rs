//! Tests of the whole program: every test runs the binary in a temporary folder.

mod common;

mod adapt;
mod annotate;
mod annotate_audit;
mod audit;
mod bad_encoder;
mod bad_settings;
mod bad_text;
mod confidence;
mod convert;
mod corpus_options;
mod data;
mod devices;
mod doctor;
mod encoder;
mod ensemble;
mod evaluate;
mod export;
mod few_sentences;
mod fine_tune;
mod folds;
mod help;
#[cfg(unix)]
mod hostile_links;
mod hostile_model;
mod hostile_text;
mod hub;
#[cfg(unix)]
mod lost_disk;
#[cfg(unix)]
mod lost_folder;
mod mentions;
mod no_scratch_space;
mod packaging;
mod predict;
mod predict_formats;
mod predict_text;
mod pseudo;
mod push;
mod quantize;
mod recipe;
mod repeat;
mod resume;
#[cfg(unix)]
mod second_signal;
mod self_training;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod signals;
mod sources;
mod split;
mod study;
mod study_results;
mod teachers;
mod tracking;
mod train;
mod train_data;
mod trim;
mod version_0_1_0;
mod weights;
mod what_was_read;
