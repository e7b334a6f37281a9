use super::*;
use crate::WIDTH;
use crate::study::example::{hostile, large, study};
use crate::study::{LearningCurveRow, tables};
use console::measure_text_width;

#[test]
fn each_language_and_experiment_has_a_sentence() {
    insta::assert_snapshot!(answers_text(&study()));
}

#[test]
fn settings_are_chosen_on_dev_and_not_on_test() {
    let mut data = study();
    let of = |data: &StudyData| answers(data)[1].clone();
    assert_eq!(of(&data).experiment, "transfer, fine-tuned ×3");
    // ×1 becomes the best on dev; its gain on test stays the lower one.
    for row in data.comparisons.iter_mut().filter(|row| row.setting == "×1") {
        row.dev = 0.99;
    }
    assert_eq!(of(&data).experiment, "transfer, fine-tuned ×1");
    assert_eq!(answers(&data)[0].experiment, "transfer, fine-tuned ×1");
    // A mean that lacks a language, or a language that lacks a seed, is not chosen: it would look better without it.
    for mean in data.means.iter_mut().filter(|mean| mean.setting == "×1") {
        mean.languages.pop();
    }
    assert_eq!(answers(&data)[0].experiment, "transfer, fine-tuned ×3");
    for row in data.comparisons.iter_mut().filter(|row| row.setting == "×1") {
        row.seeds -= 1;
    }
    assert_eq!(of(&data).experiment, "transfer, fine-tuned ×3");
}

#[test]
fn one_seed_is_too_few_to_say() {
    let mut data = study();
    data.comparisons.iter_mut().for_each(|row| row.seeds = 1);
    let answer = answers(&data)[1].clone();
    assert_eq!(answer.finding, Some(Finding::TooFewSeeds));
    let end = ", significant for the trained models; too few seeds (1) to say more.";
    assert!(answer.result.ends_with(end), "{answer}");
}

#[test]
fn all_settings_of_an_experiment_count_as_tests() {
    let mut data = study();
    // Two languages and two settings: 4 / 80 is not below 0.05, 4 / 81 is.
    let finding = |data: &StudyData| answers(data)[2].finding;
    for row in &mut data.comparisons {
        row.measured.as_mut().unwrap().corrected = 0.5;
    }
    data.resamples = Some(79);
    assert_eq!(finding(&data), Some(Finding::TooFewResamples));
    data.resamples = Some(80);
    assert_eq!(finding(&data), Some(Finding::NotSignificant));
}

#[test]
fn a_study_without_experiments_answers_with_its_baseline() {
    let mut data = study();
    data.comparisons.clear();
    assert_eq!(answers(&data).len(), 4, "learning curves, and orders of annotation");
    data.learning_curves.clear();
    assert_eq!(answers(&data).len(), 2);
    data.annotation.clear();
    let shown: Vec<String> = answers(&data).iter().map(Answer::to_string).collect();
    assert_eq!(
        shown,
        [
            "mg, baseline: entity F1 0.762 (mean of 2 runs).",
            "fo, baseline: entity F1 0.720 (mean of 2 runs)."
        ]
    );
    assert!(!answers_text(&data).contains("Significant"));
    data.baseline.clear();
    assert_eq!(answers_text(&data), "");
}

#[test]
fn page_summary_and_terminal_open_with_the_same_sentences() {
    let data = study();
    let (page, summary) = (crate::study::html(&data), tables::summary_markdown(&data));
    let plain = |text: &str| text.replace("<strong dir=\"auto\">", "").replace("</strong>", "");
    let head = plain(&page[..page.find("<details").unwrap()]);
    let top = summary[..summary.find("\n## ").unwrap()].replace("**", "");
    for answer in answers(&data) {
        assert!(head.contains(&answer.to_string()), "{answer}");
        assert!(top.contains(&answer.to_string()), "{answer}");
    }
}

#[test]
fn text_is_narrow_and_harmless() {
    let mut data = large();
    data.learning_curves
        .push(LearningCurveRow { points: Vec::new(), ..large().learning_curves[0].clone() });
    let text = answers_text(&data);
    assert!(text.lines().all(|line| measure_text_width(line) <= WIDTH), "{text}");
    assert!(!answers_text(&hostile()).contains('\u{1b}'));
}
