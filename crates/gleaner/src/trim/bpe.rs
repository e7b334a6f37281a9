//! Pieces of byte-pair encoding, which are merged from shorter ones.

use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// The merges by the piece that they make: the ids of both parts.
pub(super) struct Merges {
    parts: HashMap<u32, Vec<[u32; 2]>>,
    /// The ids of the parts and the whole of each merge, in the order of the file.
    all: Vec<[u32; 3]>,
}

impl Merges {
    /// Reads `merges` of a model, of pairs or of texts with a space.
    pub(super) fn read(model: &Value, ids: &HashMap<String, u32>) -> Result<Self, String> {
        let prefix = model["continuing_subword_prefix"].as_str().unwrap_or_default();
        let mut merges = Self { parts: HashMap::new(), all: Vec::new() };
        for merge in model["merges"].as_array().ok_or("it has no merges")? {
            let parts = match merge {
                Value::String(text) => text.split_once(' '),
                pair => pair[0].as_str().zip(pair[1].as_str()),
            };
            let (left, right) = parts.ok_or_else(|| format!("{merge} is not a merge"))?;
            // The prefix of the right part is not within a piece.
            let whole = format!("{left}{}", right.strip_prefix(prefix).unwrap_or(right));
            let id = |piece: &str| {
                ids.get(piece).copied().ok_or_else(|| format!("{merge} merges unknown pieces"))
            };
            let [left, right, whole] = [id(left)?, id(right)?, id(&whole)?];
            merges.parts.entry(whole).or_default().push([left, right]);
            merges.all.push([left, right, whole]);
        }
        Ok(merges)
    }

    /// Adds a piece, and the pieces that it is merged from. Every step that makes a piece is within it, so that its
    /// merges follow one another as before.
    pub(super) fn keep(&self, id: u32, kept: &mut BTreeSet<u32>) {
        let mut open = vec![id];
        while let Some(piece) = open.pop() {
            if kept.insert(piece) {
                open.extend(self.parts.get(&piece).into_iter().flatten().flatten());
            }
        }
    }

    /// Whether the merge at this position has only kept pieces.
    pub(super) fn is_kept(&self, at: usize, is_kept: impl Fn(u32) -> bool) -> bool {
        self.all[at].iter().all(|id| is_kept(*id))
    }
}
