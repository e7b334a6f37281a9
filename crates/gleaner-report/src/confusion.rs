//! The confusion of entity types as a table.

use std::collections::BTreeMap;

use gleaner_metrics::Confusion;

use crate::table::Table;

/// One row for each gold type: how many of its entities were found as which type, with wrong
/// borders, or not at all; then what was found where nothing is. Zeros are dots. How entities are
/// paired is told at [`Confusion`].
pub fn confusion_table(confusion: &Confusion) -> String {
    let types = confusion.types();
    let headings = ["gold \\ predicted"].into_iter().chain(types.iter().copied());
    let headings = headings.chain(["wrong borders", "missed"]).map(String::from);
    let mut table = Table::new(headings.collect());
    let nothing = BTreeMap::new();
    for gold in &types {
        let found = confusion.matched.get(*gold).unwrap_or(&nothing);
        let cells = types.iter().map(|predicted| cell(found, predicted));
        let rest = [cell(&confusion.wrong_borders, gold), cell(&confusion.missed, gold)];
        table.row([gold.to_string()].into_iter().chain(cells).chain(rest).collect());
    }
    table.line();
    let cells = types.iter().map(|predicted| cell(&confusion.spurious, predicted));
    let rest = [String::new(), String::new()];
    table.row(["spurious".to_owned()].into_iter().chain(cells).chain(rest).collect());
    table.render()
}

fn cell(counts: &BTreeMap<String, usize>, kind: &str) -> String {
    match counts.get(kind) {
        None | Some(0) => ".".to_owned(),
        Some(count) => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use gleaner_metrics::Evaluation;

    use super::*;
    use crate::evaluation::tests::example;

    #[test]
    fn every_kind_of_error_has_its_place() {
        insta::assert_snapshot!(confusion_table(example().confusion()), @r"
        gold \ predicted  LOC  ORG  PER  wrong borders  missed
        ------------------------------------------------------
        LOC                 1    .    .              .       1
        ORG                 1    .    .              .       .
        PER                 .    .    2              1       .
        ------------------------------------------------------
        spurious            .    1    .
        ");
    }

    #[test]
    fn many_types_go_on_below() {
        let mut evaluation = Evaluation::default();
        for number in 0..12 {
            evaluation.add(&[format!("B-CATEGORY{number:02}")], &["B-CATEGORY00"]).unwrap();
        }
        let table = confusion_table(evaluation.confusion());
        assert!(table.lines().all(|line| line.len() <= crate::WIDTH), "{table}");
        assert_eq!(table.matches("gold \\ predicted").count(), 2);
        assert_eq!(table.matches("CATEGORY11").count(), 3);
    }
}
