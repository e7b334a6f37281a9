//! The folded parts of the page.

use super::{examples, figures, statistics, table};
use crate::study::gains::{Experiment, pseudo, transfer};
use crate::study::number::{capitalised, counted};
use crate::study::reliability::reliability;
use crate::study::{StudyData, overview, plot};
use maud::{Markup, html as markup};

/// A part of the report: its body, or what would fill it.
pub(super) struct Part {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) body: Result<Markup, &'static str>,
}

/// All parts in order.
pub(super) fn parts(data: &StudyData) -> Vec<Part> {
    let part = |id, heading, is_there: bool, body: &dyn Fn() -> Markup, filled_by| Part {
        id,
        heading,
        body: if is_there { Ok(body()) } else { Err(filled_by) },
    };
    vec![
        part(
            "comparisons",
            "Are the gains significant?",
            !data.comparisons.is_empty(),
            &|| statistics::comparisons(data),
            "intervals and tests of gains, once an experiment and its baseline are finished.",
        ),
        part(
            "learning-curves",
            "What more training sentences would add",
            !data.learning_curves.is_empty(),
            &|| statistics::learning_curves(data),
            "a curve over training sentences, if `sizes` are set.",
        ),
        part(
            "annotation",
            "Which sentences to annotate first",
            !data.annotation.is_empty(),
            &|| statistics::annotation(data),
            "learning curves of several orders of annotation, if the study simulates them.",
        ),
        part(
            "baseline",
            "Baseline",
            !data.baseline.is_empty(),
            &|| baseline(data),
            "scores of taggers trained on the target language alone.",
        ),
        part(
            "transfer",
            "Transfer",
            !data.transfer.is_empty(),
            &|| {
                let kinds = transfer(data);
                markup! { @for kind in &kinds { h3 { (capitalised(&kind.name)) } (experiment(kind)) } }
            },
            "gains of taggers trained on a source language too.",
        ),
        part(
            "pseudo",
            "Pseudo-labelling",
            !data.pseudo.is_empty(),
            &|| pseudo_labelling(data),
            "gains of taggers trained on their own predictions too.",
        ),
        part(
            "recipes",
            "Recipes",
            !data.recipes.is_empty(),
            &|| statistics::recipes(data),
            "scores of taggers trained by a recipe.",
        ),
        part(
            "reliability",
            "Reliability of confidences",
            !data.reliability.is_empty(),
            &|| reliability_of_confidences(data),
            "the precision of predicted entities by confidence.",
        ),
        part(
            "confusion",
            "Confusion of types",
            !data.confusions.is_empty(),
            &|| figures(plot::confusions(data)),
            "gold types against predicted types.",
        ),
        part(
            "examples",
            "Corrected and new errors",
            !data.changes.is_empty(),
            &|| examples::examples(&data.changes),
            "sentences that a run tags differently from the baseline, if `keep-words` is set.",
        ),
        part(
            "curves",
            "Training curves",
            !data.curves.is_empty(),
            &|| figures(plot::curves(data)),
            "losses and dev scores by epoch.",
        ),
        part(
            "confidence",
            "Confidence of added pseudo-labels",
            !data.added.is_empty(),
            &|| figures(plot::confidences(data)),
            "the confidence of added sentences and of the pool, once a round of pseudo-labelling adds any.",
        ),
        part(
            "references",
            "Published figures and this study's",
            !data.references.is_empty(),
            &|| references(data),
            "figures published elsewhere for the same experiments, if the study file gives any.",
        ),
        part(
            "facts",
            "Settings and notes",
            !data.facts.is_empty() || !data.notes.is_empty(),
            &|| facts(data),
            "settings and texts of the study.",
        ),
    ]
}

fn facts(data: &StudyData) -> Markup {
    markup! {
        @if !data.notes.is_empty() {
            ul.notes { @for note in &data.notes { li dir="auto" { (note) } } }
        }
        @if !data.facts.is_empty() {
            dl {
                @for (name, value) in &data.facts {
                    div { dt dir="auto" { (name) } dd dir="auto" { (value) } }
                }
            }
        }
    }
}

fn baseline(data: &StudyData) -> Markup {
    markup! {
        (table("Taggers trained on the target language alone: scores on test, mean ± standard deviation over \
            runs. The published score is the micro F1 over sub-word pieces, O and special pieces included, averaged \
            over batches. Entity F1 is micro F1 in seqeval's default mode. The interval is that of a single run over \
            test sentences, its ends averaged over runs.", &overview::baseline(data)))
        (figures(plot::baseline(data)))
    }
}

fn pseudo_labelling(data: &StudyData) -> Markup {
    markup! {
        @if let Some(pseudo) = pseudo(data) { (experiment(&pseudo)) }
        h3 { "Added pseudo-labels" }
        (table("Pseudo-labels added, over all epochs of a run. Precision and recall are those of the added \
            entities, where gold is known.", &overview::added(data)))
    }
}

fn experiment(experiment: &Experiment) -> Markup {
    let setting = experiment.setting;
    let all = overview::gains_by_setting(experiment);
    markup! {
        (table(&format!("Gains over the baseline. The best {setting} on test is exploratory: it is picked by \
            looking at the test set, so its gain is too high and has no verdict. The {setting} chosen on dev is what \
            a user would get."), &overview::gains(experiment)))
        p.help {
            "In plots by " (setting) ", a box spans the quartiles, its line is the median, and whiskers reach the \
            outermost runs within one and a half box lengths. Each mark is a run; its shape and colour show the \
            language. The dotted line is the baseline."
        }
        (figures(plot::of_experiment(experiment)))
        details {
            summary { "All means by language and " (setting) " (" (counted(all.rows.len(), "line")) ")" }
            (table(&format!("Means over the runs of a {setting}."), &all))
        }
    }
}

fn reliability_of_confidences(data: &StudyData) -> Markup {
    markup! {
        (table("Expected calibration error (ECE) of the entities predicted on test, over ten bins of equal width: \
            the mean distance between confidence and precision. The interval is that of the change over sentences; equal \
            sentences count as one.", &reliability(data)))
        (figures(plot::reliabilities(data)))
    }
}

fn references(data: &StudyData) -> Markup {
    table(
        "Figures published elsewhere for the same experiments, and this study's figure if the name identifies one. A \
         best factor or quantile is the best on test, so it is exploratory.",
        &overview::references(data),
    )
}
