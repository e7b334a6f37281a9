//! The summary of a study in Markdown.

use crate::study::answers::{TEST, answers};
use crate::study::gains::{pseudo, transfer};
use crate::study::number::capitalised;
use crate::study::overview::{self, Grid};
use crate::study::plot::{self, visible};
use crate::study::reliability::reliability;
use crate::study::{StudyData, Subset, annotation, comparisons, learning_curve, recipes};
use gleaner_base::markdown;

/// `summary.md`: the answers and their plot (`plots/answers.svg`), then the tables by language with their means, then
/// settings and notes. Parts without data are left out.
pub fn summary_markdown(data: &StudyData) -> String {
    let mut text = format!("# {}\n", escape(&data.title));
    opening(&mut text, data);
    if !data.comparisons.is_empty() {
        part(&mut text, "Are the gains significant?", &comparisons::by_experiment(data));
        text += &format!("\n{}\n", escape(comparisons::METHOD));
        for subset in Subset::ALL {
            let heading = format!("Comparisons on {}", subset.name());
            part(&mut text, &heading, &comparisons::by_language(data, subset));
        }
    }
    if !data.learning_curves.is_empty() {
        part(&mut text, "What more training sentences would add", &learning_curve::grid(data));
        text += &format!("\n{}\n", escape(learning_curve::METHOD));
    }
    if !data.annotation.is_empty() {
        part(&mut text, "Which sentences to annotate first", &annotation::shares(data));
        text += &format!("\n{}\n", escape(annotation::METHOD));
        part(&mut text, "Entity F1 by order of annotation", &annotation::points(data));
    }
    if !data.baseline.is_empty() {
        part(&mut text, "Baseline", &overview::baseline(data));
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
    if !data.reliability.is_empty() {
        part(&mut text, "Reliability of confidences", &reliability(data));
    }
    if !data.references.is_empty() {
        part(&mut text, "Published figures and this study's", &overview::references(data));
    }
    settings_and_notes(&mut text, data);
    text
}

/// The answers, how they are tested, and their plot.
fn opening(text: &mut String, data: &StudyData) {
    let answers = answers(data);
    if !answers.is_empty() {
        text.push('\n');
    }
    for answer in &answers {
        let (languages, experiment) = (escape(&answer.languages), escape(&answer.experiment));
        *text += &format!("- **{languages}**, {experiment}: {}\n", escape(&answer.result));
    }
    if answers.iter().any(|answer| answer.finding.is_some()) {
        *text += &format!("\n{}\n", escape(TEST));
    }
    if let Some(plot) = plot::answers(data) {
        *text += &format!("\n![{}](plots/{}.svg)\n", escape(&plot.title), plot.name);
    }
}

fn settings_and_notes(text: &mut String, data: &StudyData) {
    if !data.notes.is_empty() {
        *text += "\n## Notes\n\n";
        for note in &data.notes {
            *text += &format!("- {}\n", escape(note));
        }
    }
    if !data.facts.is_empty() {
        *text += "\n## Settings\n\n";
        for (name, value) in &data.facts {
            *text += &format!("- **{}**: {}\n", escape(name), escape(value));
        }
    }
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

/// The text on one line, with the characters escaped that Markdown would not read as text.
fn escape(text: &str) -> String {
    markdown::escape(&visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::example::{hostile, study};

    #[test]
    fn the_summary_in_full() {
        insta::assert_snapshot!(summary_markdown(&study()));
    }

    #[test]
    fn parts_without_data_are_left_out() {
        let data = StudyData { title: "Empty".to_owned(), ..StudyData::default() };
        assert_eq!(summary_markdown(&data), "# Empty\n");
    }

    #[test]
    fn text_is_never_read_as_markup() {
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
