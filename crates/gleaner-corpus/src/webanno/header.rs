//! The layers that a file declares, and the column of the entities among their features.

use super::{FIXED, NAME};
use crate::error::Problem;

/// The features of all layers, in the order of their columns.
#[derive(Default)]
pub(super) struct Header {
    features: Vec<Feature>,
}

struct Feature {
    layer: String,
    name: String,
    /// Whether the layer annotates spans, not relations or chains.
    of_spans: bool,
}

impl Feature {
    /// Whether it belongs to the layer of named entities that WebAnno and INCEpTION have by default.
    fn of_entities(&self) -> bool {
        self.of_spans && self.layer.rsplit('.').next() == Some("NamedEntity")
    }
}

impl Header {
    /// Adds the layer of a line such as `#T_SP=webanno.custom.Name|feature`; ignores other lines.
    pub(super) fn add(&mut self, line: &str) {
        let (of_spans, rest) = match line.strip_prefix("#T_SP=") {
            Some(rest) => (true, rest),
            None => match line.strip_prefix("#T_RL=").or_else(|| line.strip_prefix("#T_CH=")) {
                Some(rest) => (false, rest),
                None => return,
            },
        };
        let mut parts = rest.split('|');
        let layer = parts.next().unwrap_or_default();
        let feature =
            |name: &str| Feature { layer: layer.to_owned(), name: name.to_owned(), of_spans };
        self.features.extend(parts.map(feature));
    }

    /// Number of columns of a row.
    pub(super) fn columns(&self) -> usize {
        FIXED + self.features.len()
    }

    /// The column of the entities, from 0. `chosen` counts from 1.
    pub(super) fn column(&self, chosen: Option<usize>) -> Result<usize, Problem> {
        if let Some(column) = chosen {
            return match column > FIXED && column <= self.columns() {
                true => Ok(column - 1),
                false => Err(Problem::Malformed {
                    format: NAME,
                    reason: format!("column {column} is not a feature; {}", self.choices()),
                }),
            };
        }
        let of = |wanted: fn(&Feature) -> bool| -> Vec<usize> {
            (0..self.features.len()).filter(|&at| wanted(&self.features[at])).collect()
        };
        let values = of(|feature| feature.of_entities() && feature.name == "value");
        let spans = match self.features.iter().any(Feature::of_entities) {
            true => of(Feature::of_entities),
            false => of(|feature| feature.of_spans),
        };
        match (&values[..], &spans[..]) {
            (&[only], _) | (_, &[only]) => Ok(FIXED + only),
            _ => {
                let reason = format!("the column of the entities is unclear; {}", self.choices());
                Err(Problem::Malformed { format: NAME, reason })
            }
        }
    }

    /// What can be chosen, as an advice.
    fn choices(&self) -> String {
        let spans = (FIXED + 1..).zip(&self.features).filter(|(_, feature)| feature.of_spans);
        let shown: Vec<String> = spans
            .map(|(column, Feature { layer, name, .. })| format!("{column} is {layer}|{name}"))
            .collect();
        match shown.is_empty() {
            true => "the file has no span layer; export one".to_owned(),
            false => format!("choose it (--tag-column N): {}", shown.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(lines: &[&str], chosen: Option<usize>) -> Result<usize, String> {
        let mut header = Header::default();
        lines.iter().for_each(|line| header.add(line));
        header.column(chosen).map_err(|problem| problem.to_string())
    }

    #[test]
    fn the_column_of_entities_is_found() {
        let pos =
            "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|coarseValue|PosValue";
        let entities =
            "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value";
        let relation = "#T_RL=webanno.custom.Relation|label|BT_x.NamedEntity";
        assert_eq!(column(&[pos, relation, entities], None), Ok(8));
        assert_eq!(column(&[pos, entities], Some(5)), Ok(4));
        assert_eq!(column(&["#T_SP=webanno.custom.Name|kind", relation], None), Ok(3));
        let error = |lines: &[&str], chosen| column(lines, chosen).unwrap_err();
        insta::assert_snapshot!(error(&["#T_SP=custom.Name|kind|id", relation], None), @"not readable as WebAnno TSV 3: the column of the entities is unclear; choose it (--tag-column N): 4 is custom.Name|kind, 5 is custom.Name|id");
        insta::assert_snapshot!(error(&[relation], None), @"not readable as WebAnno TSV 3: the column of the entities is unclear; the file has no span layer; export one");
        insta::assert_snapshot!(error(&["#T_SP=custom.Name|kind"], Some(3)), @"not readable as WebAnno TSV 3: column 3 is not a feature; choose it (--tag-column N): 4 is custom.Name|kind");
    }
}
