//! One module a command.

pub mod adapt;
pub mod annotate;
pub mod audit;
pub mod completions;
pub mod convert;
pub mod devices;
pub mod doctor;
pub mod ensemble;
pub mod evaluate;
pub mod export;
pub mod inspect;
pub mod man;
pub mod mentions;
pub mod predict;
pub mod push;
pub mod quantize;
pub mod rank;
pub mod recipe;
pub mod sample;
pub mod serve;
pub mod sources;
pub mod split;
pub mod study;
pub mod train;
pub mod trim;
