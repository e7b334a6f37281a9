//! `gleaner devices`

use crate::{cores, output::Output, text};
use anyhow::Result;
use gleaner_nn::{Backend, Compute, Precision};
use serde::Serialize;
use std::fmt::Write;
use sysinfo::System;

/// The devices of this build.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Devices {
    devices: Vec<Device>,
    /// Backends that this build lacks.
    not_in_this_build: Vec<&'static str>,
}

#[derive(Serialize)]
struct Device {
    /// The name for `--device`.
    device: String,
    /// The manufacturer's name.
    model: String,
    /// Memory in bytes, if known.
    memory: Option<u64>,
    bf16: bool,
}

pub fn run(output: &Output) -> Result<()> {
    let mut system = System::new()?;
    system.refresh_memory();
    system.refresh_cpu_all();
    let devices = Compute::all().iter().map(|compute| device(compute, &system)).collect();
    let lacking = Backend::ALL.into_iter().filter(|b| !b.is_built()).map(Backend::name);
    let found = Devices { devices, not_in_this_build: lacking.collect() };
    output.human(&view(&found))?;
    output.json(&found)
}

fn device(compute: &Compute, system: &System) -> Device {
    let (model, memory) = match compute.is_cpu() {
        true => (cores::processor(system), Some(system.total_memory())),
        false => (compute.model().unwrap_or_else(|| "unknown".into()), compute.memory()),
    };
    let bf16 = Precision::Bf16.available_on(compute) == Precision::Bf16;
    Device { device: compute.to_string(), model, memory, bf16 }
}

fn view(found: &Devices) -> String {
    let widest = found.devices.iter().map(|d| d.model.chars().count()).max().unwrap_or(0).max(5);
    let mut out = format!("{:<12}{:<widest$}  {:>10}  precisions\n", "device", "model", "memory");
    for d in &found.devices {
        let memory = d.memory.map_or_else(|| "unknown".into(), text::bytes);
        let precisions = if d.bf16 { "f32, bf16" } else { "f32" };
        let _ = writeln!(out, "{:<12}{:<widest$}  {memory:>10}  {precisions}", d.device, d.model);
    }
    if !found.not_in_this_build.is_empty() {
        let names = found.not_in_this_build.join(", ");
        let _ = write!(
            out,
            "\nnot in this build: {names} (docs/how-to/gpu.md describes how to add them)"
        );
    }
    out
}
