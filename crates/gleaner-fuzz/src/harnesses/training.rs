//! The state of an unfinished training, and of an unfinished adaptation of an encoder.

use super::{
    model::{check, data, made, settings, texts},
    support::{file, folder, without, without_key},
};
use crate::Choices;
use gleaner::{
    EncoderFiles, GleanerError,
    adapt::{self, AdaptSettings, Observer},
    train::{self, Checkpoints, Event},
};
use std::{fs, path::Path, sync::OnceLock};

/// A state and its tensors, each to be damaged.
fn seeds(state: &[u8]) -> Vec<Vec<u8>> {
    let odd = (0..40).map(|at: u8| at.wrapping_mul(41));
    vec![
        [&[0_u8][..], state].concat(),
        // No damage, and some.
        vec![1],
        std::iter::once(1).chain(odd).collect(),
    ]
}

/// Writes a checkpoint to a folder. The first byte of an input chooses what is damaged: the state, which the other
/// bytes are, or the tensors, whose damage they draw.
fn write(folder: &Path, input: &[u8], state: &[u8], tensors: &[u8]) {
    let (choice, rest) = input.split_first().unwrap_or((&0, &[]));
    let (state, tensors) = match choice & 1 {
        0 => (rest.to_vec(), tensors.to_vec()),
        _ => (state.to_vec(), damaged(tensors.to_vec(), &mut Choices::of(rest))),
    };
    let folder = folder.join("checkpoint");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("state.json"), state).expect("a file");
    fs::write(folder.join("state-1.safetensors"), tensors).expect("a file");
}

/// Tensors with values that no training writes, with damage to their header, or without their end.
fn damaged(mut tensors: Vec<u8>, choices: &mut Choices) -> Vec<u8> {
    const VALUES: [f32; 8] = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN,
        f32::MIN_POSITIVE,
        -1.0,
        1e4,
    ];
    let length = tensors.first_chunk::<8>().map_or(0, |length| u64::from_le_bytes(*length));
    let header = 8 + length as usize;
    let place = |choices: &mut Choices, below: usize| {
        (choices.below(1 << 16) * 256 + choices.below(256)) % below
    };
    for _ in 0..choices.below(5) {
        if choices.below(4) == 0 {
            let at = place(choices, header);
            tensors[at] ^= 1 << choices.below(8);
        } else {
            let at = header + 4 * place(choices, (tensors.len() - header) / 4);
            tensors[at..at + 4].copy_from_slice(&choices.one(&VALUES).to_le_bytes());
        }
    }
    if choices.below(8) == 7 {
        let end = place(choices, tensors.len());
        tensors.truncate(end);
    }
    tensors
}

pub(super) fn checkpoint_seeds() -> Vec<Vec<u8>> {
    seeds(&made().state)
}

/// Resumes a training.
pub(super) fn checkpoint(input: &[u8]) -> Result<(), String> {
    let (folder, settings) = (folder(), settings());
    write(folder.path(), input, &made().state, &made().tensors);
    let checkpoints = Checkpoints::claim(folder.path(), true).map_err(|e| without(&folder, e))?;
    let data = data(&settings);
    let trained = train::fit(&settings, data, Some(&checkpoints), &mut |_: &Event| {});
    check(&trained.map_err(|e| without(&folder, e))?.tagger, &texts()[..2])
}

/// The settings of a small adaptation.
fn adapting() -> AdaptSettings {
    let text = file("adapt", "text.txt");
    if !text.is_file() {
        let sentences = gleaner_sample::unlabelled().into_iter().take(30);
        let lines: String = sentences.map(|words| words.join(" ") + "\n").collect();
        fs::write(&text, lines).expect("a file");
    }
    let mut settings = AdaptSettings::new("sample:tiny", [text]);
    (settings.length, settings.batch, settings.steps) = (24, 2, Some(3));
    (settings.held_out, settings.measurements, settings.checkpoint_seconds) = (0.2, 2, 0);
    settings
}

/// Stops an adaptation after its first step.
struct Once {
    is_over: bool,
}

impl Observer for Once {
    fn on(&mut self, event: &adapt::Event) {
        self.is_over |= matches!(event, adapt::Event::Step { .. });
    }

    fn should_stop(&self) -> bool {
        self.is_over
    }
}

/// The state of an adaptation after its first step, and its tensors.
fn adapted() -> &'static (Vec<u8>, Vec<u8>) {
    static ADAPTED: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    ADAPTED.get_or_init(|| {
        let folder = folder();
        let stopped = adapt::adapt(&adapting(), folder.path(), false, &mut Once { is_over: false });
        assert!(matches!(stopped, Err(GleanerError::Stopped { .. })), "it was not stopped");
        let read =
            |name: &str| fs::read(folder.path().join("checkpoint").join(name)).expect("a file");
        (without_key(&read("state.json"), "fingerprint"), read("state-1.safetensors"))
    })
}

pub(super) fn adaptation_seeds() -> Vec<Vec<u8>> {
    seeds(&adapted().0)
}

/// Resumes an adaptation. What it writes is an encoder.
pub(super) fn adaptation(input: &[u8]) -> Result<(), String> {
    let (state, tensors) = adapted();
    let folder = folder();
    write(folder.path(), input, state, tensors);
    adapt::adapt(&adapting(), folder.path(), true, &mut |_: &adapt::Event| {})
        .map_err(|e| without(&folder, e))?;
    EncoderFiles::open(folder.path()).expect("an encoder");
    Ok(())
}
