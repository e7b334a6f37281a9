//! What a graph says about its labels and how to decode its emissions.

use crate::export::source::Source;
use gleaner_nn::network::HeadKind;
use serde::Serialize;

/// The keys and values of the metadata. Values are JSON.
pub(super) fn of(source: &Source) -> Vec<(&'static str, String)> {
    let decoding = &source.decoding;
    let mut all = vec![("labels", json(&source.labels.names())), ("decoding", json(decoding))];
    if decoding.head != HeadKind::Linear {
        let crf = source.network.crf();
        let rows: Vec<&[f32]> = crf.transitions.chunks(crf.tags).collect();
        all.push(("start", json(&crf.start)));
        all.push(("end", json(&crf.end)));
        all.push(("transitions", json(&rows)));
    }
    all
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("names and numbers are plain data")
}
