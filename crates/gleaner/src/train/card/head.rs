//! The head of the model card: metadata that the Hugging Face hub reads, with the keys of its documentation on model
//! cards.

use super::{super::Provenance, yaml::quoted};
use crate::{
    Scores, Settings, Split,
    data::{HubPlace, short_name},
};
use std::fmt::Write;

/// The head, with the lines around it.
pub(super) fn text(p: &Provenance) -> String {
    let s = &p.settings;
    let mut out = String::from("---\n");
    list(&mut out, "language", &languages(s));
    if let Some(license) = &s.card.license {
        let _ = writeln!(out, "license: {}", quoted(license));
    }
    // Without it, the hub infers a library from config.json, whose classes lack the layers on top of the encoder.
    out.push_str("library_name: gleaner\npipeline_tag: token-classification\n");
    list(&mut out, "tags", &["named-entity-recognition", "ner"].map(str::to_owned));
    list(&mut out, "datasets", &datasets(s));
    let model = s.network.start.as_deref().or(s.network.encoder.as_deref());
    if let Some(place) = model.and_then(HubPlace::of) {
        let _ = writeln!(out, "base_model: {}", quoted(&place.name));
    }
    if let Some(test) = &p.test {
        list(&mut out, "metrics", &["f1", "precision", "recall", "accuracy"].map(str::to_owned));
        out.push_str("model-index:\n- name: Named-entity tagger\n  results:\n");
        result(&mut out, s, test);
    }
    out.push_str("---\n");
    out
}

/// A key with a list of texts; nothing for an empty list.
fn list(out: &mut String, key: &str, items: &[String]) {
    if !items.is_empty() {
        let _ = writeln!(out, "{key}:");
        for item in items {
            let _ = writeln!(out, "- {}", quoted(item));
        }
    }
}

/// The languages of the setting, or of the built-in sample.
fn languages(s: &Settings) -> Vec<String> {
    let sample = s.data.data.as_deref().and_then(|data| data.to_str()?.strip_prefix("sample:"));
    match s.card.language.is_empty() {
        true => sample.map(str::to_owned).into_iter().collect(),
        false => s.card.language.clone(),
    }
}

/// The data sets of the hub that were trained on, each once.
fn datasets(s: &Settings) -> Vec<String> {
    let joined = s.data.join.iter().map(|joined| joined.corpus.path.as_path());
    let mut names: Vec<String> = Vec::new();
    for place in s.data.data.as_deref().into_iter().chain(joined).filter_map(HubPlace::of) {
        if !names.contains(&place.name) {
            names.push(place.name);
        }
    }
    names
}

/// The scores on the test part, as an element of `results`.
fn result(out: &mut String, s: &Settings, test: &Scores) {
    out.push_str(
        "  - task:\n      type: token-classification\n      name: Named-entity recognition\n",
    );
    let place = s.data.data.as_deref().and_then(HubPlace::of);
    let name = s.data.data.as_deref().map_or_else(|| "files".to_owned(), short_name);
    // The hub requires a type. It is the name of one of its data sets, or by custom this word.
    let kind = place.as_ref().map_or("custom", |place| place.name.as_str());
    let _ =
        writeln!(out, "    dataset:\n      name: {}\n      type: {}", quoted(&name), quoted(kind));
    if let Some(place) = &place {
        if !place.within.is_empty() {
            let _ = writeln!(out, "      config: {}", quoted(&place.within));
        }
        let _ = writeln!(out, "      revision: {}", quoted(&place.commit));
    }
    // Other splits do not test on the test part of the data set.
    if s.data.split == Split::Given {
        out.push_str("      split: test\n");
    } else {
        let (split, seed) = (s.data.split.to_string(), s.data.split_seed);
        let _ = writeln!(
            out,
            "      args:\n        split: {}\n        split-seed: {seed}",
            quoted(&split)
        );
    }
    out.push_str("    metrics:\n");
    let micro = &test.entities.micro;
    for (kind, name, value) in [
        ("f1", "Entity F1 (micro, seqeval)", micro.f1),
        ("precision", "Entity precision (micro, seqeval)", micro.precision),
        ("recall", "Entity recall (micro, seqeval)", micro.recall),
        ("accuracy", "Token accuracy", test.token_accuracy),
    ] {
        let _ = writeln!(out, "    - type: {kind}\n      name: {name}\n      value: {value:.4}");
        if let (Some(intervals), "f1") = (&test.intervals, kind) {
            let (bootstrap, f1) = (&intervals.bootstrap, intervals.micro_f1);
            let _ = writeln!(
                out,
                "      args:\n        interval:\n          low: {:.4}\n          high: {:.4}\n          level: {}\n          \
                 method: bootstrap over sentences\n          resamples: {}",
                f1.low, f1.high, bootstrap.level, bootstrap.resamples
            );
        }
    }
}

#[cfg(test)]
mod tests;
