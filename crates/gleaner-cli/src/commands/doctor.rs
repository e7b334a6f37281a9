//! `gleaner doctor`

use super::adapt::resolved;
use crate::{
    cli::{DoctorArgs, DoctorCommand},
    cores,
    hub::Fetcher,
    output::Output,
    settings, text,
};
use anyhow::Result;
use gleaner::{
    Dataset, Estimate, GleanerError, Settings,
    adapt::{self, AdaptSettings},
    estimate, train,
};
use gleaner_nn::{Compute, Level, Precision};
use serde::Serialize;
use std::fmt::Write;
use sysinfo::System;

/// Capabilities of this machine and this build.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checkup {
    program: &'static str,
    processor: String,
    features: Vec<&'static str>,
    instructions: &'static str,
    physical_cores: usize,
    logical_cores: usize,
    memory: u64,
    memory_available: u64,
    devices: Vec<String>,
    precisions: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<Forecast>,
}

/// Estimated needs of a training.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Forecast {
    #[serde(flatten)]
    size: Estimate,
    pieces_a_second: f64,
    seconds_an_epoch: f64,
    seconds: f64,
}

pub fn run(args: &DoctorArgs, output: &Output) -> Result<()> {
    if let Some(DoctorCommand::Adapt(settings)) = &args.command {
        return adaptation(settings, output);
    }
    let mut settings = settings::resolve(args.config.as_deref(), &args.settings, &args.labels.map)?;
    Fetcher::new(output).resolve(&mut settings)?;
    cores::set_threads(settings.run.threads)?;
    Level::check().map_err(GleanerError::Network)?;
    let mut system = System::new()?;
    system.refresh_memory();
    system.refresh_cpu_all();
    let limit = system.cgroup_limits().map(|limits| limits.total_memory);
    let [memory, memory_available] =
        within(limit, [system.total_memory(), system.available_memory()]);
    let checkup = Checkup {
        program: concat!("gleaner ", env!("CARGO_PKG_VERSION")),
        processor: cores::processor(&system),
        features: features(),
        instructions: Level::current().name(),
        physical_cores: cores::physical(),
        logical_cores: cores::logical(),
        memory,
        memory_available,
        devices: Compute::all().iter().map(Compute::to_string).collect(),
        precisions: match Precision::Bf16.available_on(&Compute::cpu()) {
            Precision::Bf16 => vec!["f32", "bf16"],
            Precision::F32 => vec!["f32"],
        },
        training: (settings.network.encoder.is_some() || settings.network.start.is_some())
            .then(|| forecast(&settings))
            .transpose()?,
    };
    output.human(&view(&checkup, &settings))?;
    output.json(&checkup)
}

/// The needs of adapting an encoder.
fn adaptation(settings: &AdaptSettings, output: &Output) -> Result<()> {
    let settings = resolved(settings, output)?;
    cores::set_threads(settings.threads)?;
    let f = adapt::forecast(&settings)?;
    let mut out = String::new();
    let mut row = |name: &str, value: String| {
        let _ = writeln!(out, "{name:<20}{value}");
    };
    row(
        "text",
        format!(
            "{} sentences, {} pieces per epoch, {} distinct pieces",
            text::grouped(f.sentences),
            text::grouped(f.pieces),
            text::grouped(f.active)
        ),
    );
    row("parameters", text::grouped(f.parameters));
    row("steps", format!("{}, of which {} train the head alone", f.steps, f.head_steps));
    row("speed", format!("{:.0} pieces/s (measured on a few batches)", f.pieces_a_second));
    row("time", format!("about {}", text::seconds(f.seconds)));
    row("memory needed", format!("about {}", text::bytes(f.bytes as u64)));
    output.human(&out)?;
    output.json(&f)
}

/// Measures a few batches and extrapolates.
fn forecast(settings: &Settings) -> Result<Forecast> {
    let data = Dataset::load(settings)?;
    let rehearsal = train::rehearse(settings, &data)?;
    let size = estimate(settings, &data, &rehearsal);
    let seconds_an_epoch = size.pieces as f64 / rehearsal.pieces_a_second;
    Ok(Forecast {
        size,
        pieces_a_second: rehearsal.pieces_a_second,
        seconds_an_epoch,
        seconds: seconds_an_epoch * f64::from(settings.epochs_in_all()),
    })
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    macro_rules! found {
        ($($name:tt),+) => { [$(($name, std::is_x86_feature_detected!($name))),+] };
    }
    let all = found!(
        "sse4.2",
        "avx",
        "fma",
        "f16c",
        "avx2",
        "avx512f",
        "avx512bw",
        "avx512vl",
        "avx512vnni",
        "avxvnni",
        "avx512bf16"
    );
    all.into_iter().filter_map(|(name, found)| found.then_some(name)).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<&'static str> {
    macro_rules! found {
        ($($name:tt),+) => { [$(($name, std::arch::is_aarch64_feature_detected!($name))),+] };
    }
    let all = found!("neon", "dotprod", "i8mm", "bf16");
    all.into_iter().filter_map(|(name, found)| found.then_some(name)).collect()
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

fn view(c: &Checkup, settings: &Settings) -> String {
    let mut out = format!("{}\n", c.program);
    let mut row = |name: &str, value: String| {
        let _ = writeln!(out, "  {name:<20}{value}");
    };
    row("processor", c.processor.clone());
    row("features", if c.features.is_empty() { "unknown".into() } else { c.features.join(" ") });
    row("instructions", format!("{} (GLEANER_SIMD selects others)", c.instructions));
    row(
        "cores",
        format!(
            "{} physical, {} logical; using {} threads",
            c.physical_cores,
            c.logical_cores,
            rayon::current_num_threads()
        ),
    );
    row("memory", format!("{}, {} free", text::bytes(c.memory), text::bytes(c.memory_available)));
    row("devices", c.devices.join(", "));
    row("precisions", c.precisions.join(", "));
    match &c.training {
        None => row("training", "give --data and --encoder for an estimate".into()),
        Some(f) => {
            row(
                "training text",
                format!(
                    "{} sentences, {} pieces per epoch, {} distinct pieces",
                    f.size.sentences,
                    text::grouped(f.size.pieces),
                    text::grouped(f.size.active)
                ),
            );
            row("parameters", text::grouped(f.size.parameters));
            row("speed", format!("{:.0} pieces/s (measured on a few batches)", f.pieces_a_second));
            row(
                "time",
                format!(
                    "about {} per epoch, {} for {} epochs",
                    text::seconds(f.seconds_an_epoch),
                    text::seconds(f.seconds),
                    settings.epochs_in_all()
                ),
            );
            row("memory needed", format!("about {}", text::bytes(f.size.bytes as u64)));
            // The memory of a GPU is another one.
            if settings.run.device == "cpu" && f.size.bytes as u64 > c.memory_available {
                row("", "more than is available: use a smaller --batch with --accumulate, or --freeze embeddings".into());
            }
        }
    }
    out
}

/// The machine's memory in bytes, all of it and what is available, within the limit of a container. A limit of 0 is
/// none.
fn within(limit: Option<u64>, memory: [u64; 2]) -> [u64; 2] {
    match limit.filter(|limit| *limit > 0) {
        Some(limit) => memory.map(|bytes| bytes.min(limit)),
        None => memory,
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_container_has_the_memory_of_its_limit() {
        assert_eq!(within(None, [64, 32]), [64, 32]);
        assert_eq!(within(Some(8), [64, 32]), [8, 8]);
        assert_eq!(within(Some(48), [64, 32]), [48, 32]);
        assert_eq!(within(Some(0), [64, 32]), [64, 32]);
    }
}
