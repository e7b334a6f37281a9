//! Fetching from a hub on this computer.

mod access;
mod dataset;
mod encoder;
mod faults;
mod network;
mod offline;
mod processes;
mod push;
mod support;
mod tagger;
