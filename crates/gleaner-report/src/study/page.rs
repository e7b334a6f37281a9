//! The report of a study as one HTML file: no script, nothing fetched, legible on a phone and on paper.

mod examples;
mod statistics;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::StudyData;
use super::gains::{Experiment, pseudo, transfer};
use super::number::{capitalised, counted};
use super::overview::{self, Grid};
use super::plot::{self, Plot, visible};
use super::reliability::reliability;

/// The report. Everything from the data is escaped; parts without data say what would fill them.
pub fn html(data: &StudyData) -> String {
    let parts = parts(data);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (data.title) }
                style { (PreEscaped(include_str!("page/style.css"))) }
            }
            body {
                header { h1 dir="auto" { (data.title) } }
                nav aria-label="Contents" {
                    ul {
                        @for part in parts.iter().filter(|part| part.body.is_ok()) {
                            li { a href=(format!("#{}", part.id)) { (part.heading) } }
                        }
                    }
                }
                main {
                    @for part in &parts { (section(part)) }
                }
            }
        }
    };
    visible(&page.into_string())
}

/// A part of the report: its body, or what would fill it.
struct Part {
    id: &'static str,
    heading: &'static str,
    body: Result<Markup, &'static str>,
}

fn section(part: &Part) -> Markup {
    markup! {
        @match &part.body {
            Ok(body) => section id=(part.id) {
                h2 { (part.heading) }
                (body)
            },
            Err(filled_by) => p.absent { strong { (part.heading) } ": " (filled_by) },
        }
    }
}

fn parts(data: &StudyData) -> Vec<Part> {
    // Where there is nothing, the part says what would fill it.
    let part = |id, heading, there: bool, body: &dyn Fn() -> Markup, filled_by| Part {
        id,
        heading,
        body: if there { Ok(body()) } else { Err(filled_by) },
    };
    vec![
        part(
            "facts",
            "Facts and notes",
            !data.facts.is_empty() || !data.notes.is_empty(),
            &|| facts(data),
            "none were given with this study.",
        ),
        part(
            "baseline",
            "Baseline",
            !data.baseline.is_empty(),
            &|| baseline(data),
            "no tagger was trained on a target language alone. Such runs would show their scores here.",
        ),
        part(
            "comparisons",
            "Are the gains real?",
            !data.comparisons.is_empty(),
            &|| statistics::comparisons(data),
            "no experiment was compared with a baseline. Gains with their intervals and tests would stand here.",
        ),
        part(
            "transfer",
            "Transfer",
            !data.transfer.is_empty(),
            &|| {
                let kinds = transfer(data);
                markup! { @for kind in &kinds { h3 { (capitalised(&kind.name)) } (experiment(kind)) } }
            },
            "no tagger learnt from a source language. Runs with one would show their gains here.",
        ),
        part(
            "pseudo",
            "Pseudo-labelling",
            !data.pseudo.is_empty(),
            &|| {
                markup! {
                    @if let Some(pseudo) = pseudo(data) { (experiment(&pseudo)) }
                    h3 { "What was added" }
                    (table("Pseudo-labels added, over all epochs of a run. Precision and recall are those \
                        of the added entities, where gold is known.", &overview::added(data)))
                }
            },
            "no tagger learnt from its own predictions. Runs on unlabelled text would show their gains here.",
        ),
        part(
            "recipes",
            "Recipes",
            !data.recipes.is_empty(),
            &|| statistics::recipes(data),
            "no tagger was trained by a recipe. Such runs would show their scores here.",
        ),
        part(
            "growth",
            "What more sentences would bring",
            !data.growth.is_empty(),
            &|| statistics::growth(data),
            "no tagger was trained on fewer sentences. A curve over training sentences would be drawn here.",
        ),
        part(
            "curves",
            "Learning curves",
            !data.curves.is_empty(),
            &|| figures(plot::curves(data)),
            "no run's epochs were kept. Losses and dev scores by epoch would be drawn here.",
        ),
        part(
            "confusion",
            "Confusion of types",
            !data.confusions.is_empty(),
            &|| figures(plot::confusions(data)),
            "no run's entities were counted by type. Gold types against predicted ones would be drawn here.",
        ),
        part(
            "examples",
            "Corrected and new errors",
            !data.changes.is_empty(),
            &|| examples::examples(&data.changes),
            "no sentence was given that a run tags otherwise than the baseline. Such sentences would stand here.",
        ),
        part(
            "confidence",
            "Confidence of added pseudo-labels",
            !data.added.is_empty(),
            &|| figures(plot::confidences(data)),
            "no round of pseudo-labelling added anything. The confidence of what is added, beside the \
             pool's, would be drawn here.",
        ),
        part(
            "reliability",
            "Reliability of confidences",
            !data.reliability.is_empty(),
            &|| {
                markup! {
                    (table("Expected calibration error (ECE) of the entities found on test, over ten bins of \
                        equal width: the mean distance between how sure a tagger is and how often it is right. \
                        The interval is that of the change over sentences; equal sentences count as one.",
                        &reliability(data)))
                    (figures(plot::reliabilities(data)))
                }
            },
            "no run's confidences were kept. How often spans of a confidence are right would be drawn here.",
        ),
        part(
            "references",
            "Published figures beside ours",
            !data.references.is_empty(),
            &|| {
                table(
                    "Figures published elsewhere for the same experiment, and ours where the figure's name \
                 says which that is.",
                    &overview::references(data),
                )
            },
            "none were given. Figures published elsewhere for the same experiment would stand here.",
        ),
    ]
}

fn facts(data: &StudyData) -> Markup {
    markup! {
        @if !data.facts.is_empty() {
            dl {
                @for (name, value) in &data.facts {
                    div { dt dir="auto" { (name) } dd dir="auto" { (value) } }
                }
            }
        }
        @if !data.notes.is_empty() {
            ul.notes { @for note in &data.notes { li dir="auto" { (note) } } }
        }
    }
}

fn baseline(data: &StudyData) -> Markup {
    markup! {
        (table("Taggers trained on the target language alone: scores on test, mean ± standard deviation \
            over runs. The published score is micro F1 over pieces, O and special pieces included, averaged \
            over batches; entity F1 is micro F1 in seqeval's default mode. The interval is that of a single \
            run over test sentences, its bounds averaged over runs.", &overview::baseline(data)))
        (figures(plot::baseline(data)))
    }
}

fn experiment(experiment: &Experiment) -> Markup {
    let setting = experiment.setting;
    let all = overview::gains_by_setting(experiment);
    markup! {
        (table(&format!("Gains over the baseline. A best {setting} that is picked on the test set \
            flatters; the {setting} chosen on dev is what a user would get."),
            &overview::gains(experiment)))
        p.help {
            "In drawings by " (setting) ", a box spans the quartiles, its line is the median, whiskers reach \
            the outermost runs within one and a half box lengths; each mark is a run, its shape and colour \
            the language. The dotted line is the baseline."
        }
        (figures(plot::of_experiment(experiment)))
        details {
            summary { "All means by language and " (setting) " (" (counted(all.rows.len(), "line")) ")" }
            (table(&format!("Means over the runs of a {setting}."), &all))
        }
    }
}

fn figures(plots: Vec<Plot>) -> Markup {
    markup! {
        div.figures {
            @for plot in plots {
                // The drawing says the same to those who do not see it.
                figure { (PreEscaped(plot.svg)) figcaption aria-hidden="true" { (plot.alt) } }
            }
        }
    }
}

fn table(caption: &str, grid: &Grid) -> Markup {
    let cells = |row: &[String]| {
        markup! {
            @for (column, cell) in row.iter().enumerate() {
                @if column == 0 { th scope="row" dir="auto" { (cell) } }
                @else if column < grid.texts { td.text dir="auto" { (cell) } }
                @else { td { (cell) } }
            }
        }
    };
    markup! {
        p.caption { (caption) }
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                thead {
                    tr {
                        @for (column, heading) in grid.headings.iter().enumerate() {
                            th scope="col" class=[(column < grid.texts).then_some("text")] { (heading) }
                        }
                    }
                }
                tbody { @for row in &grid.rows { tr { (cells(row)) } } }
                @if let Some(mean) = &grid.mean { tfoot { tr { (cells(mean)) } } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
