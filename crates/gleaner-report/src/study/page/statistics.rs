//! The parts of the page on comparisons, recipes and learning curves.

use super::{figures, table};
use crate::study::number::{capitalised, counted};
use crate::study::{StudyData, Subset, annotation, comparisons, learning_curve, plot, recipes};
use maud::{Markup, html as markup};

pub(super) fn comparisons(data: &StudyData) -> Markup {
    markup! {
        (table("Means over languages: entity F1 of each experiment and of its baselines, the mean gain with its \
            interval and test, and the number of languages with a significant gain.", &comparisons::by_experiment(data)))
        p.help { (comparisons::METHOD) }
        (figures(plot::comparisons(data)))
        @for subset in Subset::ALL {
            @let grid = comparisons::by_language(data, subset);
            details {
                summary {
                    (capitalised(subset.name())) ", by language and experiment ("
                    (counted(grid.rows.len(), "line")) ")"
                }
                (table(caption(subset), &grid))
            }
        }
    }
}

fn caption(subset: Subset) -> &'static str {
    match subset {
        Subset::All => "All entities of all test sentences.",
        Subset::LeakFree => {
            "Without test sentences whose words also occur in a training text of either side, or in its pool."
        }
        Subset::Unseen => {
            "Entities whose words are not an entity in a training text of either side: gold ones count for the recall, \
             predicted ones for the precision."
        }
    }
}

pub(super) fn recipes(data: &StudyData) -> Markup {
    table(
        "Taggers trained by recipes: entity F1 on test, mean ± standard deviation over runs, and its gain over the \
         baseline. Training sentences are those of the last stage.",
        &recipes::grid(data),
    )
}

pub(super) fn learning_curves(data: &StudyData) -> Markup {
    markup! {
        p.help { (learning_curve::METHOD) }
        (figures(plot::learning_curves(data)))
        (table("Entity F1 on test by number of training sentences, mean ± standard deviation over seeds, and the fitted \
            curve.", &learning_curve::grid(data)))
    }
}

pub(super) fn annotation(data: &StudyData) -> Markup {
    markup! {
        p.help { (annotation::METHOD) }
        (table("The share of random order's sentences with which an order reaches its entity F1.", &annotation::shares(data)))
        (figures(plot::annotation(data)))
        (table("Entity F1 on test by order and number of annotated sentences, mean ± standard deviation over seeds, and \
            the interval of the mean.", &annotation::points(data)))
    }
}
