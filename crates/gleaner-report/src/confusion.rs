//! The confusion of entity types as a table.

use crate::table::Table;
use gleaner_metrics::Confusion;
use std::collections::BTreeMap;

/// One row for each gold type: the number of its entities by predicted type, with wrong boundaries, and missed. The
/// last row counts spurious predictions. Zeros are dots. [`Confusion`] describes how entities are paired.
pub(crate) fn confusion_table(confusion: &Confusion) -> String {
    let types = confusion.types();
    let headings = ["gold \\ predicted"].into_iter().chain(types.iter().copied());
    let headings = headings.chain(["wrong boundaries", "missed"]).map(String::from);
    let mut table = Table::new(headings.collect());
    let nothing = BTreeMap::new();
    for gold in &types {
        let found = confusion.matched.get(*gold).unwrap_or(&nothing);
        let cells = types.iter().map(|predicted| cell(found, predicted));
        let rest = [cell(&confusion.wrong_boundaries, gold), cell(&confusion.missed, gold)];
        table.row([gold.to_string()].into_iter().chain(cells).chain(rest).collect());
    }
    table.line();
    let cells = types.iter().map(|predicted| cell(&confusion.spurious, predicted));
    let rest = [String::new(), String::new()];
    table.row(["spurious".to_owned()].into_iter().chain(cells).chain(rest).collect());
    table.render()
}

fn cell(counts: &BTreeMap<String, usize>, entity_type: &str) -> String {
    match counts.get(entity_type) {
        None | Some(0) => ".".to_owned(),
        Some(count) => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::tests::example;
    use gleaner_metrics::Evaluation;

    #[test]
    fn every_kind_of_error_has_its_cell() {
        insta::assert_snapshot!(confusion_table(example().confusion()), @r"
        gold \ predicted  LOC  ORG  PER  wrong boundaries  missed
        ---------------------------------------------------------
        LOC                 1    .    .                 .       1
        ORG                 1    .    .                 .       .
        PER                 .    .    2                 1       .
        ---------------------------------------------------------
        spurious            .    1    .
        ");
    }

    #[test]
    fn many_types_continue_below() {
        let mut evaluation = Evaluation::default();
        for number in 0..11 {
            evaluation.add(&[format!("B-CATEGORY{number:02}")], &["B-CATEGORY00"]).unwrap();
        }
        let table = confusion_table(evaluation.confusion());
        assert!(table.lines().all(|line| line.len() <= crate::WIDTH), "{table}");
        assert_eq!(table.matches("gold \\ predicted").count(), 2);
        assert_eq!(table.matches("CATEGORY10").count(), 3);
    }
}
