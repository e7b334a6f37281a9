//! The summary of a study in Markdown.

use crate::study::gains::{pseudo, transfer};
use crate::study::number::capitalised;
use crate::study::overview::{self, Grid};
use crate::study::plot::visible;
use crate::study::reliability::reliability;
use crate::study::{StudyData, Subset, comparisons, growth, recipes};

/// `summary.md`: facts, notes, the tables by language with their means, published figures beside
/// ours. Parts without data are left out.
pub fn summary_markdown(data: &StudyData) -> String {
    let mut text = format!("# {}\n", escape(&data.title));
    if !data.facts.is_empty() {
        text.push('\n');
        for (name, value) in &data.facts {
            text += &format!("- **{}**: {}\n", escape(name), escape(value));
        }
    }
    if !data.notes.is_empty() {
        text += "\n## Notes\n\n";
        for note in &data.notes {
            text += &format!("- {}\n", escape(note));
        }
    }
    if !data.baseline.is_empty() {
        part(&mut text, "Baseline", &overview::baseline(data));
    }
    if !data.comparisons.is_empty() {
        part(&mut text, "Are the gains real?", &comparisons::by_experiment(data));
        text += &format!("\n{}\n", escape(comparisons::METHOD));
        for subset in Subset::ALL {
            let heading = format!("Comparisons on {}", subset.name());
            part(&mut text, &heading, &comparisons::by_language(data, subset));
        }
    }
    for experiment in transfer(data) {
        part(&mut text, &capitalised(&experiment.name), &overview::gains(&experiment));
    }
    if let Some(experiment) = pseudo(data) {
        part(&mut text, "Pseudo-labelling", &overview::gains(&experiment));
        part(&mut text, "Added pseudo-labels", &overview::added(data));
    }
    if !data.recipes.is_empty() {
        part(&mut text, "Recipes", &recipes::grid(data));
    }
    if !data.growth.is_empty() {
        part(&mut text, "What more sentences would bring", &growth::grid(data));
        text.push('\n');
        data.growth.iter().for_each(|row| text += &format!("- {}\n", escape(&row.answer())));
        text += &format!("\n{}\n", escape(growth::METHOD));
    }
    if !data.reliability.is_empty() {
        part(&mut text, "Reliability of confidences", &reliability(data));
    }
    if !data.references.is_empty() {
        part(&mut text, "Published figures beside ours", &overview::references(data));
    }
    text
}

fn part(text: &mut String, heading: &str, grid: &Grid) {
    *text += &format!("\n## {heading}\n\n");
    line(text, &grid.headings);
    let rules = (0..grid.headings.len()).map(|n| if n < grid.texts { "---" } else { "---:" });
    line(text, &rules.map(str::to_owned).collect::<Vec<_>>());
    for row in grid.rows.iter().chain(&grid.mean) {
        line(text, &row.iter().map(|cell| escape(cell)).collect::<Vec<_>>());
    }
}

fn line(text: &mut String, cells: &[String]) {
    *text += &format!("| {} |\n", cells.join(" | "));
}

/// The text on one line, with all that Markdown would read as more than text escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::example::{hostile, study};

    #[test]
    fn tables_by_language() {
        insta::assert_snapshot!(summary_markdown(&study()));
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let data = StudyData { title: "Empty".to_owned(), ..StudyData::default() };
        assert_eq!(summary_markdown(&data), "# Empty\n");
    }

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escape("a|b\n<script>*_`"), "a\\|b \\<script\\>\\*\\_\\`");
        let text = summary_markdown(&hostile());
        assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
        let columns = |line: &str| line.replace("\\|", "").matches('|').count();
        let table: Vec<&str> = text
            .split("## Baseline\n\n")
            .nth(1)
            .unwrap()
            .lines()
            .take_while(|line| !line.is_empty())
            .collect();
        assert!(table.len() > 4, "{table:?}");
        assert!(table.iter().all(|line| columns(line) == columns(table[0])), "{table:?}");
    }
}
