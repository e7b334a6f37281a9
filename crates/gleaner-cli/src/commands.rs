//! One module a command.

pub mod audit;
pub mod convert;
pub mod devices;
pub mod doctor;
pub mod ensemble;
pub mod evaluate;
pub mod inspect;
pub mod mentions;
pub mod predict;
pub mod quantize;
pub mod sample;
pub mod sources;
pub mod split;
pub mod study;
pub mod train;
